-- SharedState.knownNodes
return { 'nodes', redis.call('HKEYS', PREFIX .. 'heard-of-node') }
