-- Each prepared request is sent once: a touch is one touch. Lines of the file named by
-- LOAD: method, path, cookie, anti-forgery token and body, with tabs between them.
-- With LOAD_RATE so many are begun a second; without it, as many as are answered.
local ffi = require("ffi")
ffi.cdef("typedef struct { long s; long ns; } moment; int clock_gettime(int, moment *);")

local threads = {}
local number = 0

local function now()
  local t = ffi.new("moment")
  ffi.C.clock_gettime(1, t)
  return tonumber(t.s) + tonumber(t.ns) / 1e9
end

function setup(thread)
  thread:set("mine", number)
  number = number + 1
  table.insert(threads, thread)
end

function init(args)
  requests, sent, answered, wrong, last = {}, 0, 0, 0, ""
  first, finish, due = 0, 0, 0
  local workers, i = tonumber(os.getenv("LOAD_THREADS")), 0
  local rate = tonumber(os.getenv("LOAD_RATE"))
  pause = rate > 0 and workers / rate or 0
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

function delay()
  local moment = now()
  -- What is late is made up for; the first is not late, or a burst would begin every run.
  due = due > 0 and math.max(due, moment - 1) + pause or moment
  return math.max(0, (due - moment) * 1000)
end

function request()
  sent = sent + 1
  if sent == 1 then
    first = now()
  end
  if sent > #requests then
    -- wrk has no word for "no more": the surplus goes nowhere that counts.
    wrk.thread:stop()
    return wrk.format("GET", "/livez", { ["Host"] = os.getenv("LOAD_HOST") })
  end
  return requests[sent]
end

function response(status, headers, body)
  if sent > #requests + 8 then
    return
  end
  finish = now()
  if status >= 200 and status < 300 then
    answered = answered + 1
  else
    wrong = wrong + 1
    last = status .. " " .. body:sub(1, 200)
  end
end

function done(summary, latency, all)
  local answered, wrong, last, first, finish = 0, 0, "", math.huge, 0
  for _, thread in ipairs(threads) do
    answered = answered + thread:get("answered")
    wrong = wrong + thread:get("wrong")
    first = math.min(first, thread:get("first"))
    finish = math.max(finish, thread:get("finish"))
    if thread:get("last") ~= "" then
      last = thread:get("last")
    end
  end
  local took, p95 = math.floor((finish - first) * 1e6), latency:percentile(95)
  print(string.format("LOAD %d %d %d %d %s", answered, wrong, took, p95, last))
end
