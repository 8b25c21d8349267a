package link

import (
	"syscall"

	"golang.org/x/sys/windows"
)

// Winsock has numbers of its own; package syscall's ENETUNREACH is not one.
var awayErrors = [...]syscall.Errno{
	windows.WSAENETUNREACH, windows.WSAEHOSTUNREACH, windows.WSAENETDOWN, windows.WSAEADDRNOTAVAIL,
}
