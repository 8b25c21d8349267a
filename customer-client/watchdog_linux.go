package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"handrail/shared/hands"
)

// watchdog is the argument by which this program starts itself once more, to
// let go of the keys if it is killed while the rep holds some down. The X
// server lets go of nothing by itself: it would repeat them for ever.
const watchdog = "watchdog"

const (
	// watchTime bounds how long the watchdog waits for the X server to notice
	// that the program has gone.
	watchTime  = 3 * time.Second
	watchPause = 50 * time.Millisecond
)

// startWatchdog starts it. It ends when this program does, or closes what it
// returns.
func startWatchdog() (io.Closer, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("starting the watchdog: %w", err)
	}
	cmd := exec.Command(self, watchdog)
	life, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the watchdog: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the watchdog: %w", err)
	}
	return leash{life, cmd}, nil
}

// leash is what holds the watchdog.
type leash struct {
	io.Closer
	cmd *exec.Cmd
}

// Close sends the watchdog away and sees it go.
func (l leash) Close() error {
	l.Closer.Close()
	return l.cmd.Wait()
}

// isWatchdog says whether this process is to be the watchdog.
func isWatchdog(args []string) bool { return len(args) == 1 && args[0] == watchdog }

// watch waits until the program that has the other end of standard input is no
// more, then puts keys and keyboard map right. What ends that program on
// purpose may reach this one too, and must not end it before.
func watch() int {
	signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	_, _ = io.Copy(io.Discard, os.Stdin)
	ctx, cancel := context.WithTimeout(context.Background(), watchTime)
	defer cancel()
	tick := time.NewTicker(watchPause)
	defer tick.Stop()
	for {
		h, err := hands.Open("")
		if err != nil {
			slog.Warn("letting go of what was held", "err", err)
			return 1
		}
		others := h.Others()
		if err := h.Close(); err != nil {
			slog.Warn("letting go of what was held", "err", err)
		}
		if others == 0 {
			return 0
		}
		select {
		case <-tick.C:
		case <-ctx.Done(): // another Handrail's
			return 0
		}
	}
}
