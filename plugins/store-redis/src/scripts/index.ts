import { script } from '../script.ts'
import { METERS } from './meters.ts'

/**
 * Takes all claims or none. Keys: the meters, the lease, the list of leases. Values: prefix, lease, its life in
 * milliseconds, `1` to take whatever the limits say, then the claims. Answers who was short (from 1; 0 if nobody, −1 if
 * the lease is held or was called off), when to ask again, and two values a claim: what remains, when it is whole.
 */
export const RESERVE = script(`${METERS}
local lease, life, forced = ARGV[2], tonumber(ARGV[3]), ARGV[4] == '1'
local leases = table.remove(KEYS)
local name = table.remove(KEYS)
local known = redis.call('GET', name)
if known and (known ~= 'ended' or forced) then return { '-1' } end
if not forced then reap(leases, 10) end

local claims = claims_of(5, KEYS)
local short, wait, taken = 0, 0, 0
for i, claim in ipairs(claims) do
  local meter = obtain(claim)
  local time = forced and 0 or wait_for(meter, claim)
  if time > wait then
    short = i
    wait = time
  end
  if short == 0 then
    charge(meter, claim, claim.amount)
    claim.born = meter.born
    taken = i
  end
end
if short == 0 then
  for _, claim in ipairs(claims) do store(claim) end
  hold(leases, lease, claims, life)
else
  for i = 1, taken do charge(meters[claims[i].name], claims[i], -claims[i].amount) end
end
local answer = { tostring(short), text(wait) }
for _, claim in ipairs(claims) do
  local remaining, reset = level_of(claim)
  table.insert(answer, remaining)
  table.insert(answer, reset)
end
return answer
`)

/**
 * Ends leases, each once. Keys: the meters of all of them, the list of leases. Values: prefix, life of a lease and how
 * long its end is remembered, both in milliseconds; then, for each lease: its name, what to do if nobody knows it
 * (`charge`: it was lost and its amounts are taken in full; `forbid`: it can no longer begin; else nothing), the name
 * of the rest that stays held (empty if nothing does), how many claims it has, and these, each with what it came to
 * and what stays held of it.
 */
export const SETTLE = script(`${METERS}
local WIDTH = 6
local life, memory = tonumber(ARGV[2]), ARGV[3]
local leases = KEYS[#KEYS]

local function settle(lease, unknown, rest, claims, amounts, kept)
  local name = prefix .. 'lease:' .. lease
  local packed = redis.call('GET', name)
  if packed and is_over(packed) then return end
  if packed then
    local held = unpack_lease(packed)
    local keeps = rest ~= '' and redis.call('EXISTS', prefix .. 'lease:' .. rest) == 0
    release(held, amounts, keeps and kept)
    if keeps then hold(leases, rest, held, life) end
    redis.call('ZREM', leases, lease)
  elseif unknown == 'charge' then
    for _, claim in ipairs(claims) do claim.amount = 0 end
    release(claims, amounts)
  elseif unknown ~= 'forbid' then
    return
  end
  redis.call('SET', name, unknown == 'forbid' and 'off' or 'ended', 'PX', memory)
end

local at, key = 4, 0
while at <= #ARGV do
  local first, count = at + 4, tonumber(ARGV[at + 3])
  local names, amounts, kept = {}, {}, {}
  for i = 1, count do
    names[i] = KEYS[key + i]
    amounts[i] = tonumber(ARGV[first + i * WIDTH - 2])
    kept[i] = tonumber(ARGV[first + i * WIDTH - 1])
  end
  settle(ARGV[at], ARGV[at + 1], ARGV[at + 2], claims_of(first, names, WIDTH), amounts, kept)
  at = first + count * WIDTH
  key = key + count
end
`)

/** Levels as they are. Keys: the meters. Values: prefix, then the claims. Answers two values a claim. */
export const READ = script(`${METERS}
local answer = {}
for _, claim in ipairs(claims_of(2, KEYS)) do
  local remaining, reset = level_of(claim)
  table.insert(answer, remaining)
  table.insert(answer, reset)
end
return answer
`)

/**
 * Keeps leases alive and gives back what others lost. Keys: the list of leases. Values: prefix, life in milliseconds,
 * then leases. Answers those that nobody knows.
 */
export const RENEW = script(`${METERS}
local leases, life = KEYS[1], tonumber(ARGV[2])
local unknown = {}
for i = 3, #ARGV do
  local name = prefix .. 'lease:' .. ARGV[i]
  local packed = redis.call('GET', name)
  if not packed then
    table.insert(unknown, ARGV[i])
  elseif not is_over(packed) then
    redis.call('ZADD', leases, now + life, ARGV[i])
    redis.call('PEXPIRE', name, HOUR)
    for _, claim in ipairs(unpack_lease(packed)) do
      if claim.kind == 's' then redis.call('PEXPIRE', claim.name, HOUR) end
    end
  end
end
redis.call('PEXPIRE', leases, HOUR)
reap(leases, 200)
return unknown
`)
