package visit

import (
	"context"

	"handrail/customer-client/chat"
	"handrail/shared/courier"
	"handrail/shared/session"
	"handrail/shared/wire"
)

// beginFiles moves the bytes of files and of what is pasted, until endFiles.
func (h *host) beginFiles() {
	h.files = courier.New(courier.Config{
		Disk: h.w.v.doors.Disk, Clip: h.clip.Piece,
		Do:         func(e session.Event) bool { return h.room.Do(e) },
		NotOffered: func(name string, why wire.HaltWhy) { h.w.tell(chat.NotOffered{Name: name, Why: why}) },
	})
	h.clip.By(h.files.SendClip)
	ctx, stop := context.WithCancel(context.Background())
	h.endFiles = stop
	h.group.Go(func() { h.files.Run(ctx) })
}
