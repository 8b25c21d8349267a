package disk

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

const dontWait = 0 // pipes have no place among files here

func downloads() (string, error) {
	dir, err := windows.KnownFolderPath(windows.FOLDERID_Downloads, 0)
	if err != nil {
		return home("Downloads")
	}
	return dir, nil
}

func full(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL) ||
		errors.Is(err, windows.ERROR_DISK_QUOTA_EXCEEDED)
}

// free is how many bytes this user may still write.
func free(folder string) (uint64, error) {
	name, err := windows.UTF16PtrFromString(folder)
	if err != nil {
		return 0, err
	}
	var n uint64
	err = windows.GetDiskFreeSpaceEx(name, &n, nil, nil)
	return n, err
}

// lock takes a file for this program alone, false if another has it. It ends
// with the file. What is locked is a byte far behind the end, so that the file
// can be read and written.
func lock(f *os.File) bool {
	at := windows.Overlapped{OffsetHigh: 1 << 30}
	return windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &at) == nil
}

// hide hides a folder: a dot does nothing here.
func hide(place string) {
	if name, err := windows.UTF16PtrFromString(place); err == nil {
		_ = windows.SetFileAttributes(name, windows.FILE_ATTRIBUTE_HIDDEN) // only looks
	}
}

// mark tells Windows that a file came from elsewhere, so that it asks before
// such a program runs: the stream Zone.Identifier, see [MS-FSCC] 5.6.1. Disks
// that have no streams have no such mark.
func mark(place string) {
	_ = os.WriteFile(place+":Zone.Identifier", []byte("[ZoneTransfer]\r\nZoneId=3\r\n"), 0o600)
}
