package nets

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sys/windows"
)

// listeners are told by the system's one callback: Windows gives a program only
// so many, and takes none back.
var listeners struct {
	mu  sync.Mutex // guards the following
	all map[chan struct{}]bool
}

// told is the callback. It runs on a thread of the system's.
var told = sync.OnceValue(func() uintptr {
	return windows.NewCallback(func(_, _ uintptr, _ uint32) uintptr {
		listeners.mu.Lock()
		defer listeners.mu.Unlock()
		for c := range listeners.all {
			poke(c)
		}
		return 0
	})
})

// listen asks IP Helper to say when addresses, interfaces or routes change.
func listen(ctx context.Context) (<-chan struct{}, error) {
	var handles []windows.Handle
	cancel := func() {
		for _, h := range handles {
			_ = windows.CancelMibChangeNotify2(h) // waits for callbacks that run
		}
	}
	for _, notify := range []func(*windows.Handle) error{
		func(h *windows.Handle) error {
			return windows.NotifyUnicastIpAddressChange(windows.AF_UNSPEC, told(), nil, false, h)
		},
		func(h *windows.Handle) error {
			return windows.NotifyIpInterfaceChange(windows.AF_UNSPEC, told(), nil, false, h)
		},
		func(h *windows.Handle) error {
			return windows.NotifyRouteChange2(windows.AF_UNSPEC, told(), nil, false, h)
		},
	} {
		var h windows.Handle
		if err := notify(&h); err != nil {
			cancel()
			return nil, fmt.Errorf("listening for changes of the network: %w", err)
		}
		handles = append(handles, h)
	}
	heard := make(chan struct{}, 1)
	listeners.mu.Lock()
	defer listeners.mu.Unlock()
	if listeners.all == nil {
		listeners.all = map[chan struct{}]bool{}
	}
	listeners.all[heard] = true
	context.AfterFunc(ctx, func() {
		cancel() // first, and without the lock: the callback takes it
		listeners.mu.Lock()
		defer listeners.mu.Unlock()
		delete(listeners.all, heard)
	})
	return heard, nil
}
