package nets

import (
	"context"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// listen asks the kernel to say when links, addresses or routes change
// (rtnetlink(7)). What it says is not read: look sees for itself.
func listen(ctx context.Context) (<-chan struct{}, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, fmt.Errorf("opening a netlink socket: %w", err)
	}
	groups := uint32(unix.RTMGRP_LINK | unix.RTMGRP_IPV4_IFADDR | unix.RTMGRP_IPV6_IFADDR |
		unix.RTMGRP_IPV4_ROUTE | unix.RTMGRP_IPV6_ROUTE)
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: groups}); err != nil {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("listening to netlink: %w", err)
	}
	socket := os.NewFile(uintptr(fd), "netlink")
	heard := make(chan struct{}, 1)
	stop := context.AfterFunc(ctx, func() { _ = socket.Close() })
	go func() { // ends when the socket is closed
		defer close(heard)
		defer func() {
			if stop() {
				_ = socket.Close()
			}
		}()
		buf := make([]byte, 64<<10)
		for {
			_, err := socket.Read(buf)
			if err != nil && !errors.Is(err, unix.ENOBUFS) { // more than there was room for is news, too
				return
			}
			poke(heard)
		}
	}()
	return heard, nil
}
