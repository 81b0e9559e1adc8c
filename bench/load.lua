-- Each prepared request is sent once: a touch is one touch. Lines of the file named by
-- LOAD: method, path, cookie, anti-forgery token and body, with tabs between them.
local threads = {}
local number = 0

function setup(thread)
  thread:set("mine", number)
  number = number + 1
  table.insert(threads, thread)
end

function init(args)
  requests, sent, answered, wrong, last = {}, 0, 0, 0, ""
  local workers, i = tonumber(os.getenv("LOAD_THREADS")), 0
  for line in io.lines(os.getenv("LOAD")) do
    if i % workers == mine then
      local method, path, cookie, token, body = line:match("^(.-)\t(.-)\t(.-)\t(.-)\t(.*)$")
      local headers = { ["Cookie"] = cookie, ["X-CSRFToken"] = token }
      headers["Host"] = os.getenv("LOAD_HOST")
      headers["Content-Type"] = "application/json"
      requests[#requests + 1] = wrk.format(method, path, headers, body ~= "" and body or nil)
    end
    i = i + 1
  end
end

function request()
  sent = sent + 1
  if sent > #requests then
    -- wrk has no word for "no more": the surplus goes nowhere that counts.
    wrk.thread:stop()
    return wrk.format("GET", "/livez", { ["Host"] = os.getenv("LOAD_HOST") })
  end
  return requests[sent]
end

function response(status, headers, body)
  if status >= 200 and status < 300 then
    answered = answered + 1
  else
    wrong = wrong + 1
    last = status .. " " .. body:sub(1, 200)
  end
end

function done(summary, latency, all)
  local answered, wrong, last = 0, 0, ""
  for _, thread in ipairs(threads) do
    answered = answered + thread:get("answered")
    wrong = wrong + thread:get("wrong")
    if thread:get("last") ~= "" then
      last = thread:get("last")
    end
  end
  print(string.format("LOAD %d %d %d %s", answered, wrong, summary.duration, last))
end
