//go:build !linux

package window

// Ready has nothing to say here: the toolkit itself tells when it can't open a
// window.
func Ready() error { return nil }
