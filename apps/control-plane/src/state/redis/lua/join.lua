-- Joins the generation that there is, or begins one. Its counters start at the clock and above every fence that this
-- process has seen: what nodes and lists remember of an earlier generation is below them.
-- KEYS[1]: the generation's key. ARGV: a new generation, now in ms, the highest fence seen.
local prefix = string.sub(KEYS[1], 1, -#'generation' - 1)
local known = redis.call('GET', KEYS[1])
if known then return known end
redis.call('SET', KEYS[1], ARGV[1])
for _, name in ipairs({ 'view-order', 'revocation-order' }) do
  redis.call('SET', prefix .. name, ARGV[2])
end
redis.call('SET', prefix .. 'fence', ARGV[3])
return ARGV[1]
