//go:build unix

package disk

import (
	"errors"
	"os"
	"syscall"
)

// dontWait keeps the opening of a pipe that took a file's place from waiting
// for its other end.
const dontWait = syscall.O_NONBLOCK

func full(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// free is how many bytes this user may still write.
func free(folder string) (uint64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(folder, &s); err != nil {
		return 0, err
	}
	return s.Bavail * uint64(s.Bsize), nil
}

// lock takes a file for this program alone, false if another has it. It ends
// with the file.
func lock(f *os.File) bool {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}

func hide(string) {} // by its dot
