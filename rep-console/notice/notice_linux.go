package notice

import (
	"context"
	"fmt"
	"html"
	"log/slog"
	"slices"
	"time"

	"github.com/godbus/dbus/v5"
)

const here = true

// Names of the Desktop Notifications Specification 1.2.
const (
	service = "org.freedesktop.Notifications"
	path    = "/org/freedesktop/Notifications"
	invoked = service + ".ActionInvoked"
	closed  = service + ".NotificationClosed"
	// pressedItself is the name of the action that is the notification.
	pressedItself = "default"
)

const (
	// answerTime is how long the desktop may take over one call.
	answerTime = 3 * time.Second
	// remembered is how many notices can still be answered.
	remembered = 32
	// signals that may wait to be read
	signals = 64
)

// desktop is a connection to who shows notices.
type desktop struct {
	conn    *dbus.Conn
	signals chan *dbus.Signal
	markup  bool // text is read as HTML
	shown   []shown
}

type shown struct {
	id      uint32
	pressed func(string)
}

// run owns the connection to the session bus.
func (b *Board) run(ctx context.Context) {
	d := &desktop{}
	defer d.hangUp()
	for {
		select {
		case <-ctx.Done():
			return
		case n := <-b.notices:
			if err := d.show(ctx, n); err != nil && ctx.Err() == nil {
				slog.Debug("showing a notification", "err", err)
				d.hangUp()
			}
		case s, ok := <-d.signals: // nil, and thus never, without a connection
			if !ok {
				d.hangUp()
				continue
			}
			d.heard(s)
		}
	}
}

// connect finds the session bus that there is. It starts none.
func (d *desktop) connect(ctx context.Context) error {
	if d.conn != nil {
		return nil
	}
	conn, err := dbus.SessionBusPrivateNoAutoStartup(dbus.WithContext(ctx))
	if err != nil {
		return fmt.Errorf("finding the session bus: %w", err)
	}
	d.conn, d.signals = conn, make(chan *dbus.Signal, signals)
	slow := time.AfterFunc(answerTime, func() { _ = conn.Close() }) // its end makes what waits fail
	defer slow.Stop()
	if err = conn.Auth(nil); err == nil {
		err = conn.Hello()
	}
	if err == nil {
		err = conn.AddMatchSignalContext(ctx, dbus.WithMatchSender(service), dbus.WithMatchInterface(service), dbus.WithMatchObjectPath(path))
	}
	if err != nil {
		return fmt.Errorf("greeting the session bus: %w", err)
	}
	conn.Signal(d.signals)
	var can []string
	if err := d.call(ctx, "GetCapabilities").Store(&can); err != nil {
		return fmt.Errorf("asking who shows notifications: %w", err)
	}
	d.markup = slices.Contains(can, "body-markup")
	return nil
}

func (d *desktop) call(ctx context.Context, method string, args ...any) *dbus.Call {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	return d.conn.Object(service, path).CallWithContext(ctx, service+"."+method, 0, args...)
}

func (d *desktop) show(ctx context.Context, n Notice) error {
	if err := d.connect(ctx); err != nil {
		return err
	}
	text := n.Text
	if d.markup {
		text = html.EscapeString(text) // customers choose their names
	}
	actions := []string{pressedItself, ""}
	for _, b := range n.Buttons {
		actions = append(actions, b.Name, b.Text)
	}
	hints := map[string]dbus.Variant{
		"suppress-sound": dbus.MakeVariant(true), // we have one of our own
		"category":       dbus.MakeVariant("im"),
	}
	var id uint32
	const replaces, soon = uint32(0), int32(-1) // a new one; for as long as the desktop likes
	err := d.call(ctx, "Notify", "Handrail", replaces, "", n.Title, text, actions, hints, soon).Store(&id)
	if err != nil {
		return fmt.Errorf("notifying: %w", err)
	}
	if n.Pressed != nil {
		d.shown = append(d.shown, shown{id, n.Pressed})
		d.shown = d.shown[max(0, len(d.shown)-remembered):]
	}
	return nil
}

// heard takes what became of a notice.
func (d *desktop) heard(s *dbus.Signal) {
	if len(s.Body) < 2 || s.Name != invoked && s.Name != closed {
		return
	}
	id, ok := s.Body[0].(uint32)
	at := slices.IndexFunc(d.shown, func(n shown) bool { return n.id == id })
	if !ok || at < 0 {
		return
	}
	n := d.shown[at]
	d.shown = slices.Delete(d.shown, at, at+1)
	if name, ok := s.Body[1].(string); ok && s.Name == invoked {
		if name == pressedItself {
			name = ""
		}
		n.pressed(name)
	}
}

func (d *desktop) hangUp() {
	if d.conn != nil {
		_ = d.conn.Close() // nobody waits for anything any more
	}
	*d = desktop{}
}
