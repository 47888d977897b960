-- SharedState.streamCounts
return { 'counts', redis.call('HGETALL', PREFIX .. 'streams-on-nodes') }
