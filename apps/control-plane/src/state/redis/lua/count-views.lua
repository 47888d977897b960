-- SharedState.counts
local found = {}
for i, key in ipairs(request.keys) do found[i] = views.countUnder(key) end
return { 'counts', found }
