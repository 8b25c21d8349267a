package xdisplay

import (
	"os/exec"
	"syscall"
)

// tie makes cmd the head of a process group, and end with the test even when
// that is killed or panics.
func tie(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// cut ends cmd and what it started.
func cut(cmd *exec.Cmd) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
}
