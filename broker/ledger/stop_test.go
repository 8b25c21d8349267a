package ledger

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"handrail/broker/settings"
)

// away is a store that does not answer once somebody was told.
type away struct{ *lines }

func (a away) EndLease(ctx context.Context, _ string, _ []byte) error {
	<-ctx.Done()
	return context.Cause(ctx)
}

func TestT03AStoreThatIsAwayDoesNotKeepTheBrokerFromStopping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newLines()
		store.add("hook:gone", 1)
		l := New(Config{Store: away{store}, Settings: func(context.Context) (settings.Settings, error) { return settings.Settings{}, nil }})
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- l.Run(ctx) }()
		synctest.Wait()
		stop()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}
