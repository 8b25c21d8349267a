package web

import (
	"context"
	"time"

	"handrail/broker/people"
)

// Who is the rep who is signed in to the pages.
type Who struct {
	Rep          uint64
	Name         string // what colleagues see
	May          people.Set
	Language     string        // BCP 47; empty: the organisation's
	Organisation string        // its name
	Idle         time.Duration // until the log-out, from this request on
}

type whoKey struct{}

// WithWho says who is signed in, for the handlers behind.
func WithWho(ctx context.Context, who Who) context.Context {
	return context.WithValue(ctx, whoKey{}, who)
}

// WhoOf tells who is signed in. The zero Who, who may do nothing, is nobody.
func WhoOf(ctx context.Context) Who {
	who, _ := ctx.Value(whoKey{}).(Who)
	return who
}
