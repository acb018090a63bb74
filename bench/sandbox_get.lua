-- For wrk: tickets of the sandbox's small scenario, one after the other, by id.
local headers = { Authorization = "Basic c2FuZGJveCtzYW5kYm94LXB1YmxpYzpzYW5kYm94LXByaXZhdGU=", clientId = "bench" }
local number = 0

request = function()
  number = number + 1
  return wrk.format("GET", "/v4_6_release/apis/3.0/service/tickets/" .. (1000 + number % 10), headers)
end
