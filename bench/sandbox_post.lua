-- For wrk: new tickets, as an alert integration makes them.
local headers = {
  Authorization = "Basic c2FuZGJveCtzYW5kYm94LXB1YmxpYzpzYW5kYm94LXByaXZhdGU=",
  clientId = "bench",
  ["Content-Type"] = "application/json",
}
local number = 0

request = function()
  number = number + 1
  local body = '{"summary":"Disk C: below 10 % on server ' .. number .. '","company":{"id":' .. (252 + number % 18)
    .. '},"board":{"id":3},"status":{"id":301},"priority":{"id":3},"source":{"id":4},"externalXRef":"bench-' .. number
    .. '","initialDescription":"Raised by monitoring: 9.3 % of 120 GB are free."}'
  return wrk.format("POST", "/v4_6_release/apis/3.0/service/tickets", headers, body)
end
