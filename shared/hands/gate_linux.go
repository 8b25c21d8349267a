package hands

import (
	"fmt"
	"slices"

	"github.com/jezek/xgb/xproto"
)

// frameDepth is how far below a top-level window a client's own window may
// be: window managers put one or two frames around it.
const frameDepth = 3

// Protect keeps all windows of the X client that made window out of the rep's
// reach, and the frames a window manager puts around them: title bar and close
// button too.
func (h *Hands) Protect(window uint32) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.own[window&^h.ids] = true
}

// ShutGate stops all input while a prompt is open. When it returns, everything
// is released and no event is under way: shut it before the prompt appears and
// open it when it has gone.
func (h *Hands) ShutGate(shut bool) {
	h.shut.Store(shut)
	if shut {
		// An error means that the display is gone, and nothing is held on it.
		_ = h.ReleaseAll()
	}
}

// ownLocked says whether a protected client made the window.
func (h *Hands) ownLocked(w xproto.Window) bool { return h.own[uint32(w)&^h.ids] }

// pointerGateLocked refuses what would reach a window of Handrail at the
// pointer. The server must be grabbed.
func (h *Hands) pointerGateLocked() error {
	if len(h.own) == 0 {
		return nil
	}
	p, err := xproto.QueryPointer(h.c, h.root).Reply()
	if err != nil {
		return fmt.Errorf("hands: asking where the pointer is: %w", err)
	}
	// Whoever took the press of a button gets all that follows until the
	// release. Ours went elsewhere, the customer's may have come to us.
	for b := byte(1); b <= 5; b++ {
		if p.Mask&(xproto.ButtonMask1<<(b-1)) != 0 && !h.buttons[b] {
			return h.refuse(ErrBusy)
		}
	}
	own, err := h.ownAtLocked(p.Child)
	if err != nil {
		return err
	}
	if own {
		return h.refuse(ErrOwnWindow)
	}
	return nil
}

// ownAtLocked follows the pointer down from a top-level window and says
// whether Handrail is met: under it, or in the same frame.
func (h *Hands) ownAtLocked(top xproto.Window) (bool, error) {
	for w := top; w != xproto.WindowNone; {
		if h.ownLocked(w) {
			return true, nil
		}
		p, err := xproto.QueryPointer(h.c, w).Reply()
		if err != nil {
			return false, fmt.Errorf("hands: looking under the pointer: %w", err)
		}
		w = p.Child
	}
	if top == xproto.WindowNone {
		return false, nil
	}
	return h.ownBelowLocked(top)
}

// ownBelowLocked looks for a protected client's window inside w.
func (h *Hands) ownBelowLocked(w xproto.Window) (bool, error) {
	level := []xproto.Window{w}
	for range frameDepth {
		cookies := make([]xproto.QueryTreeCookie, len(level))
		for i, w := range level {
			cookies[i] = xproto.QueryTree(h.c, w)
		}
		level = level[:0:0]
		for _, cookie := range cookies {
			tree, err := cookie.Reply()
			if err != nil {
				return false, fmt.Errorf("hands: looking into a window: %w", err)
			}
			if slices.ContainsFunc(tree.Children, h.ownLocked) {
				return true, nil
			}
			level = append(level, tree.Children...)
		}
	}
	return false, nil
}

// focusGateLocked refuses keys that would reach a window of Handrail. They go
// to the window with the focus; but if the pointer is inside that one, to
// where the pointer is. The server must be grabbed.
func (h *Hands) focusGateLocked(focus xproto.Window, pointer *xproto.QueryPointerReply) error {
	if len(h.own) == 0 {
		return nil
	}
	own, err := h.focusOwnLocked(focus, pointer.Child)
	if err != nil {
		return err
	}
	if own {
		return h.refuse(ErrOwnWindow)
	}
	return nil
}

func (h *Hands) focusOwnLocked(focus, top xproto.Window) (bool, error) {
	switch focus {
	case xproto.InputFocusNone:
		return false, nil
	case xproto.InputFocusPointerRoot, h.root:
		return h.ownAtLocked(top)
	}
	frame := focus
	for w := focus; ; {
		if h.ownLocked(w) {
			return true, nil
		}
		tree, err := xproto.QueryTree(h.c, w).Reply()
		if err != nil {
			return false, fmt.Errorf("hands: looking around the focus: %w", err)
		}
		if tree.Parent == h.root || tree.Parent == xproto.WindowNone {
			frame = w
			break
		}
		w = tree.Parent
	}
	if own, err := h.ownBelowLocked(focus); own || err != nil {
		return own, err
	}
	if top == frame {
		return h.ownAtLocked(top)
	}
	return false, nil
}
