package session

import "handrail/shared/wire"

// Clipboard is what there is to be allowed about clipboards (S09): each way is
// a permission of its own. What is copied crosses by package paste; here is
// only decided whether it may.
const Clipboard = wire.ClipOut | wire.ClipIn

// Clips are the ways in which clipboards are shared now; none without a
// session that goes on.
func (s State) Clips() wire.Permission {
	if s.Stage != Talking {
		return 0
	}
	return s.Granted & Clipboard
}
