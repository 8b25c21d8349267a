package visit

import (
	"context"

	"handrail/shared/wire"
)

// beginClip joins this machine's clipboard, which is looked at when the
// customer allows it and not before.
func (h *host) beginClip() {
	desk := h.w.v.desk
	h.clip = desk.Join(wire.RoleCustomer)
	desk.Front(h.clip) // there is no other session here
	ctx, stop := context.WithCancel(context.Background())
	h.endClip = stop
	h.group.Go(func() { h.clip.Run(ctx) })
}
