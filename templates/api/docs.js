// What it writes as HTML are descriptions of this schema, cleaned by its own DOMPurify.
self.trustedTypes?.createPolicy("default", { createHTML: (html) => html });

SwaggerUIBundle({
  url: "{{ schema_url|escapejs }}",
  dom_id: "#swagger-ui",
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  // Nothing of ours is shown to a validator elsewhere.
  validatorUrl: null,
  requestInterceptor(request) {
    if (!["GET", undefined].includes(request.method)) {
      request.headers["{{ csrf_header_name|escapejs }}"] = "{{ csrf_token }}";
    }
    return request;
  },
});
