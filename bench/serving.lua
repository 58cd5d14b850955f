-- Sends the requests of a file, which a zero byte divides: wrk -s serving.lua <url> -- <file> <connections of a thread>. The one in place n
-- is n times as rare as the first. All connections are open before the first request, and then begin one after the other.

local OPEN, RAMP = 500, 1000 -- milliseconds
local threads = 0

function setup(thread)
  threads = threads + 1
  thread:set("seed", threads)
end

function init(arguments)
  math.randomseed(seed)
  requests, sums, whole, connections, begun = {}, {}, 0, tonumber(arguments[2]), 0
  for text in io.open(arguments[1], "rb"):read("*a"):gmatch("[^%z]+") do
    requests[#requests + 1] = text
    whole = whole + 1 / #requests
    sums[#requests] = whole
  end
end

function delay()
  begun = begun + 1
  return begun <= connections and OPEN + RAMP * begun / connections or 0
end

function request()
  local wanted, low, high = math.random() * whole, 1, #sums
  while low < high do
    local middle = math.floor((low + high) / 2)
    if sums[middle] < wanted then low = middle + 1 else high = middle end
  end
  return requests[low]
end

function done(summary, latency)
  local errors = summary.errors
  print(string.format(
    '\n{"requests": %d, "rate": %f, "bytes": %f, "p50": %f, "p95": %f, "p99": %f, "max": %f, "errors": %d}',
    summary.requests,
    summary.requests / summary.duration * 1e6,
    summary.bytes / summary.requests,
    latency:percentile(50) / 1e6,
    latency:percentile(95) / 1e6,
    latency:percentile(99) / 1e6,
    latency.max / 1e6,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout
  ))
end
