/**
 * `gcra()` as Redis runs it: one round trip, atomic, by the server's own clock, so that replicas
 * whose clocks differ agree. `TIME` in a script that writes needs Redis 5 (Valkey: any).
 *
 * Key: the counter. Arguments in microseconds: burst, charge; a charge below 0 is taken back.
 * Answers `{allowed, slack, reset}`; a negative slack is the wait.
 */
export const gcraScript = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local burst, charge = tonumber(ARGV[1]), tonumber(ARGV[2])
local tat = tonumber(redis.call('GET', KEYS[1]) or now)
local start = math.min(math.max(tat, now), now + burst)
local next = start + charge
local slack = now + burst - next
if slack < 0 then return {0, slack, start - now} end
if next > now then
  redis.call('SET', KEYS[1], string.format('%.0f', next), 'PX', math.ceil((next - now) / 1000))
else
  redis.call('DEL', KEYS[1])
end
return {1, slack, next - now}
`
