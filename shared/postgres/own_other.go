//go:build !linux

package postgres

import "os/exec"

// own leaves the program to whoever runs the tests.
func own(*exec.Cmd) {}
