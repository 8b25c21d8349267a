package disk

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// dontWait keeps the opening of a pipe that took a file's place from waiting
// for its other end.
const dontWait = syscall.O_NONBLOCK

// downloads is the folder that the desktop names (xdg-user-dirs), else
// ~/Downloads.
func downloads() (string, error) {
	if dir := os.Getenv("XDG_DOWNLOAD_DIR"); filepath.IsAbs(dir) {
		return dir, nil
	}
	config, err := os.UserConfigDir()
	if err == nil {
		if f, err := os.Open(filepath.Join(config, "user-dirs.dirs")); err == nil {
			defer f.Close()
			for lines := bufio.NewScanner(f); lines.Scan(); {
				if dir, ok := userDir(lines.Text()); ok {
					return dir, nil
				}
			}
		}
	}
	return home("Downloads")
}

// userDir reads a line like XDG_DOWNLOAD_DIR="$HOME/Downloads".
func userDir(line string) (string, bool) {
	v, ok := strings.CutPrefix(strings.TrimSpace(line), "XDG_DOWNLOAD_DIR=")
	if !ok {
		return "", false
	}
	v = strings.Trim(v, `"`)
	if rest, ok := strings.CutPrefix(v, "$HOME"); ok {
		h, err := os.UserHomeDir()
		return filepath.Join(h, rest), err == nil
	}
	return v, filepath.IsAbs(v)
}

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

func mark(string) {} // Linux has no sign for what came from elsewhere
