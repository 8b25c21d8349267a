package link

import (
	"encoding/binary"
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// turnBatch is how many packets at most one call to the kernel brings or
	// takes. When the relay is idle each comes alone, and waits for none.
	turnBatch = 64

	// turnPacket is what pion reads at most.
	turnPacket = 1600

	// segmentsTotal is what fits into one datagram before the kernel cuts it.
	segmentsTotal = 65_000
)

// turnBatches reads and writes many packets in one call. What arrived in one
// call is answered in one, without being copied; packets of one size to one
// address go through the kernel's network as one (UDP_SEGMENT), which is most
// of what a packet costs.
type turnBatches struct {
	socket *net.UDPConn
	raw    syscall.RawConn
	lost   func() // called for each packet that the network refused
	mapped bool   // an IPv6 socket, which writes IPv4 addresses its own way
	cut    bool   // the kernel can cut datagrams into segments

	// The following are owned by the reader.
	in          [turnBatch]mmsghdr
	froms       [turnBatch]unix.RawSockaddrInet6 // large enough for IPv4
	iovs        [turnBatch]unix.Iovec
	room        [turnBatch][turnPacket]byte
	next, count int
	errno       syscall.Errno
	receive     func(fd uintptr) bool

	waiting []outgoing
	groups  []outgroup
	out     [turnBatch]mmsghdr
	tos     [turnBatch]unix.RawSockaddrInet6
	outIovs [turnBatch]unix.Iovec
	control [turnBatch][]byte
	done    int // of those in out
	total   int
	send    func(fd uintptr) bool
}

// mmsghdr is struct mmsghdr of recvmmsg(2).
type mmsghdr struct {
	hdr unix.Msghdr
	n   uint32
}

type outgoing struct {
	b     []byte
	to    netip.AddrPort
	group int
}

// outgroup is packets for one address that are all of one size, but the last.
type outgroup struct {
	to     netip.AddrPort
	size   int // of all but the last
	total  int
	count  int
	closed bool // the last one is in
}

func newTURNBatches(socket *net.UDPConn, lost func()) (*turnBatches, error) {
	raw, err := socket.SyscallConn()
	if err != nil {
		return nil, err
	}
	s := &turnBatches{socket: socket, raw: raw, lost: lost}
	err = raw.Control(func(fd uintptr) {
		local, err := unix.Getsockname(int(fd))
		_, s.mapped = local.(*unix.SockaddrInet6)
		_, unknown := unix.GetsockoptInt(int(fd), unix.IPPROTO_UDP, unix.UDP_SEGMENT)
		s.cut = err == nil && unknown == nil
	})
	for i := range s.in {
		s.iovs[i].Base = &s.room[i][0]
		s.iovs[i].SetLen(turnPacket)
		h := &s.in[i].hdr
		h.Name, h.Iov = (*byte)(unsafe.Pointer(&s.froms[i])), &s.iovs[i]
		h.SetIovlen(1)
	}
	for i := range s.out {
		s.control[i] = make([]byte, unix.CmsgSpace(2))
		c := (*unix.Cmsghdr)(unsafe.Pointer(&s.control[i][0]))
		c.Level, c.Type = unix.IPPROTO_UDP, unix.UDP_SEGMENT
		c.SetLen(unix.CmsgLen(2))
		s.out[i].hdr.Name = (*byte)(unsafe.Pointer(&s.tos[i]))
	}
	s.receive, s.send = s.recvmmsg, s.sendmmsg
	return s, err
}

// read gives the next packet, which stays where it is until read is called
// again and has nothing left. Before it waits, it writes what carry was given.
func (s *turnBatches) read() ([]byte, netip.AddrPort, error) {
	for s.next == s.count {
		s.flush()
		s.next, s.count = 0, 0
		s.errno = 0
		err := s.raw.Read(s.receive)
		if err == nil && s.errno == unix.ENOSYS {
			err = s.errno
		}
		if err != nil {
			return nil, netip.AddrPort{}, err
		}
		// Any other error concerns a packet that was sent before.
	}
	i := s.next
	s.next++
	return s.room[i][:s.in[i].n], addressOf(&s.froms[i]), nil
}

func (s *turnBatches) recvmmsg(fd uintptr) bool {
	for i := range s.in {
		s.in[i].hdr.Namelen = uint32(unsafe.Sizeof(s.froms[i]))
	}
	n, _, errno := syscall.Syscall6(unix.SYS_RECVMMSG, fd, uintptr(unsafe.Pointer(&s.in[0])), turnBatch, unix.MSG_DONTWAIT, 0, 0)
	if errno == unix.EAGAIN {
		return false
	}
	s.errno = errno
	if errno == 0 {
		s.count = int(n)
	}
	return true
}

// carry sends b, which must stay as it is until then, with the next flush.
func (s *turnBatches) carry(b []byte, to netip.AddrPort) {
	if len(s.waiting) == turnBatch {
		s.flush()
	}
	s.waiting = append(s.waiting, outgoing{b: b, to: to, group: s.groupFor(len(b), to)})
}

// groupFor finds the group that a packet goes with. All packets to one address
// keep their order, because only the last group of each is looked at.
func (s *turnBatches) groupFor(size int, to netip.AddrPort) int {
	for i := len(s.groups) - 1; i >= 0; i-- {
		g := &s.groups[i]
		if g.to != to {
			continue
		}
		if !s.cut || g.closed || size > g.size || size == 0 || g.total+size > segmentsTotal {
			break
		}
		g.closed = size < g.size
		g.total += size
		g.count++
		return i
	}
	s.groups = append(s.groups, outgroup{to: to, size: size, total: size, count: 1})
	return len(s.groups) - 1
}

// flush writes what waits.
func (s *turnBatches) flush() {
	if len(s.waiting) == 0 {
		return
	}
	iov := 0
	for i, g := range s.groups {
		first := iov
		for _, o := range s.waiting {
			if o.group == i {
				s.outIovs[iov].Base = unsafe.SliceData(o.b)
				s.outIovs[iov].SetLen(len(o.b))
				iov++
			}
		}
		h := &s.out[i].hdr
		h.Iov = &s.outIovs[first]
		h.SetIovlen(iov - first)
		h.Namelen = s.address(&s.tos[i], g.to)
		h.Control = nil
		h.SetControllen(0)
		if g.count > 1 {
			binary.NativeEndian.PutUint16(s.control[i][unix.CmsgLen(0):], uint16(g.size))
			h.Control = &s.control[i][0]
			h.SetControllen(len(s.control[i]))
		}
	}
	s.done, s.total = 0, len(s.groups)
	for s.done < s.total {
		s.errno = 0
		if s.raw.Write(s.send) != nil {
			break // closed
		}
		if s.errno != 0 {
			s.refused(s.errno)
		}
	}
	clear(s.waiting)
	s.waiting, s.groups = s.waiting[:0], s.groups[:0]
}

func (s *turnBatches) sendmmsg(fd uintptr) bool {
	n, _, errno := syscall.Syscall6(unix.SYS_SENDMMSG, fd, uintptr(unsafe.Pointer(&s.out[s.done])), uintptr(s.total-s.done), unix.MSG_DONTWAIT, 0, 0)
	if errno == unix.EAGAIN {
		return false
	}
	if errno == 0 {
		s.done += int(n)
	}
	s.errno = errno
	return true
}

// refused passes over a message that can't be sent. What should have been cut
// is sent packet by packet: it may be too long for this path, or the network's
// card can't cut, although the kernel can; then nobody does any more.
func (s *turnBatches) refused(errno syscall.Errno) {
	which := s.done
	s.done++
	if s.groups[which].count == 1 {
		s.lost()
		return
	}
	s.cut = s.cut && errno != unix.EIO
	for _, o := range s.waiting {
		if o.group != which {
			continue
		}
		if _, err := s.socket.WriteToUDPAddrPort(o.b, o.to); err != nil {
			s.lost()
		}
	}
}

// address writes to as the kernel wants it, and gives its length.
func (s *turnBatches) address(at *unix.RawSockaddrInet6, to netip.AddrPort) uint32 {
	port := (*[2]byte)(unsafe.Pointer(&at.Port))
	binary.BigEndian.PutUint16(port[:], to.Port()) // at the same place in both
	if s.mapped {
		at.Family, at.Addr, at.Scope_id = unix.AF_INET6, to.Addr().As16(), 0
		if zone, err := strconv.ParseUint(to.Addr().Zone(), 10, 32); err == nil {
			at.Scope_id = uint32(zone)
		}
		return unix.SizeofSockaddrInet6
	}
	four := (*unix.RawSockaddrInet4)(unsafe.Pointer(at))
	four.Family = unix.AF_INET
	if a := to.Addr(); a.Is4() {
		four.Addr = a.As4()
	}
	return unix.SizeofSockaddrInet4
}

// addressOf reads an address of the kernel's.
func addressOf(from *unix.RawSockaddrInet6) netip.AddrPort {
	port := binary.BigEndian.Uint16((*[2]byte)(unsafe.Pointer(&from.Port))[:])
	if from.Family == unix.AF_INET {
		return netip.AddrPortFrom(netip.AddrFrom4((*unix.RawSockaddrInet4)(unsafe.Pointer(from)).Addr), port)
	}
	a := netip.AddrFrom16(from.Addr).Unmap()
	if from.Scope_id != 0 {
		a = a.WithZone(strconv.FormatUint(uint64(from.Scope_id), 10))
	}
	return netip.AddrPortFrom(a, port)
}
