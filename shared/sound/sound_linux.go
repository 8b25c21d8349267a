package sound

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jfreymuth/pulse/proto"
)

// undefined leaves a choice to the server.
const undefined = proto.Undefined

// Chime plays a WAV through PulseAudio, or PipeWire in its place, and returns
// when it has been played or ctx ends. Errors: ErrNoAudio, ErrNotWAV.
func Chime(ctx context.Context, wav []byte) error {
	c, err := parse(wav)
	if err != nil {
		return err
	}
	length := time.Duration(len(c.pcm)/(2*c.channels)) * time.Second / time.Duration(c.rate)
	ctx, cancel := context.WithTimeout(ctx, length+5*time.Second) // a server that stalls
	defer cancel()
	err = visit(ctx, c, length)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("playing a sound: %w", context.Cause(ctx))
	}
	return fmt.Errorf("%w: %w", ErrNoAudio, err)
}

// visit connects to the sound server, plays and leaves. Closing the connection
// ends whatever waits for it.
func visit(ctx context.Context, c clip, length time.Duration) error {
	conn, err := dial(ctx)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer func() {
		stop()
		conn.Close()
	}()
	return play(conn, c, length)
}

// dial finds the sound server: $PULSE_SERVER, else the user's socket.
func dial(ctx context.Context) (net.Conn, error) {
	network, address := "unix", ""
	server := os.Getenv("PULSE_SERVER")
	switch {
	case strings.HasPrefix(server, "tcp:"):
		network, address = "tcp", strings.TrimPrefix(server, "tcp:")
	case server != "":
		address = strings.TrimPrefix(server, "unix:")
	default:
		dir := os.Getenv("XDG_RUNTIME_DIR")
		if dir == "" {
			dir = filepath.Join("/run/user", strconv.Itoa(os.Getuid()))
		}
		address = filepath.Join(dir, "pulse", "native")
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, fmt.Errorf("finding the sound server: %w", err)
	}
	return conn, nil
}

// play speaks the native protocol on conn: all of the sound is sent at once,
// and draining says when it has been heard. The library's own Connect is not
// used because it ends the process when the server hangs up at once.
func play(conn net.Conn, c clip, length time.Duration) error {
	client := &proto.Client{Callback: func(any) {}}
	client.SetTimeout(length + 5*time.Second)
	client.Open(conn)
	var auth proto.AuthReply
	if err := client.Request(&proto.Auth{Version: client.Version(), Cookie: cookie()}, &auth); err != nil {
		return fmt.Errorf("greeting the sound server: %w", err)
	}
	client.SetVersion(auth.Version)
	name := proto.PropList{
		"application.name":           proto.PropListString("Handrail"),
		"media.name":                 proto.PropListString("Nudge"),
		"media.role":                 proto.PropListString("event"),
		"application.process.id":     proto.PropListString(strconv.Itoa(os.Getpid())),
		"application.process.binary": proto.PropListString(filepath.Base(os.Args[0])),
	}
	if err := client.Request(&proto.SetClientName{Props: name}, &proto.SetClientNameReply{}); err != nil {
		return fmt.Errorf("naming ourselves: %w", err)
	}
	channels := proto.ChannelMap{proto.ChannelMono}
	if c.channels == 2 {
		channels = proto.ChannelMap{proto.ChannelLeft, proto.ChannelRight}
	}
	volumes := make(proto.ChannelVolumes, c.channels)
	for i := range volumes {
		volumes[i] = uint32(proto.VolumeNorm)
	}
	stream := proto.CreatePlaybackStream{
		SampleSpec:            proto.SampleSpec{Format: proto.FormatInt16LE, Channels: byte(c.channels), Rate: uint32(c.rate)},
		ChannelMap:            channels,
		ChannelVolumes:        volumes,
		SinkIndex:             undefined,
		BufferMaxLength:       undefined,
		BufferTargetLength:    uint32(c.rate * c.channels * 2 / 20), // 50 ms: a nudge must not come late
		BufferPrebufferLength: undefined,
		BufferMinimumRequest:  undefined,
		AdjustLatency:         true,
		Properties:            name,
	}
	var made proto.CreatePlaybackStreamReply
	if err := client.Request(&stream, &made); err != nil {
		return fmt.Errorf("making a stream: %w", err)
	}
	const piece = 64 << 10
	for pcm := c.pcm; len(pcm) > 0; pcm = pcm[min(piece, len(pcm)):] {
		if err := client.Send(made.StreamIndex, pcm[:min(piece, len(pcm))]); err != nil {
			return fmt.Errorf("sending the sound: %w", err)
		}
	}
	if err := client.Request(&proto.DrainPlaybackStream{StreamIndex: made.StreamIndex}, nil); err != nil {
		return fmt.Errorf("waiting for the sound: %w", err)
	}
	return nil
}

// cookie is what a server shows its users for recognition. A server without
// one takes any.
func cookie() []byte {
	path := os.Getenv("PULSE_COOKIE")
	if path == "" {
		dir, err := os.UserConfigDir()
		if err != nil {
			return make([]byte, 256)
		}
		path = filepath.Join(dir, "pulse", "cookie")
	}
	b, err := os.ReadFile(path)
	if err != nil || len(b) != 256 {
		return make([]byte, 256)
	}
	return b
}
