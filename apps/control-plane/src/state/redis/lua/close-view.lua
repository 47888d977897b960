-- SharedState.closeView
local view = views.get(request.sessionId)
if not view then
  if request.revokeUntilMs then revocations.wish(request.sessionId, request.revokeUntilMs, request.onlyUser) end
  return { 'none' }
end
if request.onlyUser and view.userId ~= request.onlyUser then return { 'none' } end
return finish({ 'ended', endView(view, request.reason, request.revokeUntilMs) })
