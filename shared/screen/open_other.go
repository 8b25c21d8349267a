//go:build !linux && !windows

package screen

// open takes no display name here: a process sees the desktop it runs on.
func open(string) (backend, error) { return openKbinani() }
