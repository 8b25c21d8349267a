package web

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"handrail/shared/place"
)

// What a visitor may take. A page is some kilobytes, so a visitor with a slow
// phone needs far less time, and a browser far fewer connections.
const (
	headerWait  = 5 * time.Second
	requestWait = 10 * time.Second
	answerWait  = 15 * time.Second
	idleWait    = 30 * time.Second
	farewell    = 2 * time.Second // for answers under way when the broker stops
	maxHeader   = 16 << 10
	maxStreams  = 16
	// An office behind one router, or one proxy, whose programs all come back
	// after a restart: each is here until it has its WebSocket.
	perAddress = 128
	// Who waits has a page open all the time, see streamsInAll; a connection
	// takes some 60 kB.
	totalVisitor = 4096
)

// Serve answers visitors on l, with TLS 1.3 and the certificates of secure, until
// ctx ends. It closes l. A connection that a handler of site takes over, for a
// WebSocket, is no visitor any more: it counts no longer here and is that
// handler's to close.
//
// Streams end when ctx does. Faults of pages go to log.
func Serve(ctx context.Context, l net.Listener, secure *tls.Config, site http.Handler, log *slog.Logger) error {
	secure = secure.Clone()
	secure.MinVersion = tls.VersionTLS13
	server := &http.Server{
		Handler:           site,
		TLSConfig:         secure,
		ReadHeaderTimeout: headerWait,
		ReadTimeout:       requestWait,
		WriteTimeout:      answerWait,
		IdleTimeout:       idleWait,
		MaxHeaderBytes:    maxHeader,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: maxStreams},
		ConnState:         handedOver,
		BaseContext: func(net.Listener) context.Context {
			// Pages under way may end in peace, so ctx is only told of.
			return withLog(context.WithValue(context.WithoutCancel(ctx), stoppingKey{}, ctx), log)
		},
		// What strangers send that is no TLS is no news, and their addresses
		// don't belong in the log.
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	err := Until(ctx, server, farewell, func() error { return server.ServeTLS(limit(l), "", "") })
	if err != nil {
		return fmt.Errorf("serving pages: %w", err)
	}
	return nil
}

// Until has a server serve until ctx ends. Answers under way then have so long
// to end in peace; who still waits is cut off.
func Until(ctx context.Context, server *http.Server, farewell time.Duration, serve func() error) error {
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
		defer cancel()
		if server.Shutdown(last) != nil {
			_ = server.Close() // cuts off who still waits
		}
	})
	err := serve()
	if !stop() {
		<-ended
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// stoppingKey finds the context that ends when the broker stops.
type stoppingKey struct{}

// limited is a listener that turns away who takes too many connections.
type limited struct {
	net.Listener
	visitors *place.Crowd
}

func limit(l net.Listener) *limited {
	return &limited{Listener: l, visitors: place.NewCrowd(perAddress, totalVisitor)}
}

// Accept is net.Listener's.
func (l *limited) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		var from netip.Addr
		if tcp, ok := c.RemoteAddr().(*net.TCPAddr); ok {
			from = tcp.AddrPort().Addr()
		}
		if leave, ok := l.visitors.Enter(from); ok {
			return &visit{Conn: c, leave: leave}, nil
		}
		_ = c.Close() // says enough
	}
}

// visit is a counted connection.
type visit struct {
	net.Conn
	leave func()
}

// handedOver ends the visit of a connection that a handler has taken over.
func handedOver(c net.Conn, state http.ConnState) {
	t, ok := c.(*tls.Conn)
	if !ok || state != http.StateHijacked {
		return
	}
	if v, ok := t.NetConn().(*visit); ok {
		v.leave()
	}
}

// Close is net.Conn's.
func (v *visit) Close() error {
	v.leave()
	return v.Conn.Close()
}
