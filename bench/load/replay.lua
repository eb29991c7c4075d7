-- Replays the requests of a file in turn: "<length>\n<raw request>\n", over and over.
local requests = {}
local count = 0
local turn = 0

function init(args)
  local file = assert(io.open(args[1], "rb"))
  while true do
    local length = file:read("*n")
    if not length then break end
    file:read(1)
    count = count + 1
    requests[count] = file:read(length)
    file:read(1)
  end
  file:close()
end

function request()
  turn = turn % count + 1
  return requests[turn]
end

function done(summary, latency, _)
  local errors = summary.errors
  local failures = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  print(string.format(
    'RESULT {"requestsPerSecond":%.1f,"requests":%d,"failures":%d,"p95Ms":%.3f}',
    summary.requests / (summary.duration / 1e6), summary.requests, failures,
    latency:percentile(95) / 1000))
end
