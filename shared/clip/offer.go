//go:build linux || windows

package clip

import (
	"context"
	"time"

	"handrail/shared/wire"
)

// fetchTime bounds Get; programs that paste give up before.
const fetchTime = 2 * time.Minute

// offer is what a Board has on the clipboard.
type offer struct {
	forms  []wire.ClipForm
	get    Get
	ctx    context.Context // ends with the offer
	cancel context.CancelFunc
}

func newOffer(ctx context.Context, forms []wire.ClipForm, get Get) *offer {
	o := &offer{forms: forms, get: get}
	o.ctx, o.cancel = context.WithCancel(ctx)
	return o
}

// has says whether a form is offered.
func (o *offer) has(f wire.ClipFormat) bool {
	for _, form := range o.forms {
		if form.Format == f {
			return true
		}
	}
	return false
}

// fetch gets a form in the shape in which programs may have it. What comes from
// elsewhere is as little trusted as what comes from here.
func (o *offer) fetch(f wire.ClipFormat) ([]byte, error) {
	ctx, cancel := context.WithTimeout(o.ctx, fetchTime)
	defer cancel()
	if !o.has(f) {
		return nil, ErrGone
	}
	data, err := o.get(ctx, f)
	if err != nil {
		return nil, err
	}
	if o.ctx.Err() != nil {
		return nil, ErrGone
	}
	return clean(f, data)
}
