package x11

import (
	"errors"
	"fmt"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"handrail/shared/keys"
)

// Errors of Use and UseKeyboard.
var (
	ErrMissing = errors.New("x11: the display lacks an extension")
	ErrNumbers = errors.New("x11: the display numbers events or errors unlike one met before")
)

// Dial connects to a display; "" is $DISPLAY. The caller closes the
// connection, and takes its events: when 5000 wait, replies come no more.
func Dial(display string) (*xgb.Conn, error) {
	c, err := xgb.NewConnDisplay(display)
	if err != nil {
		return nil, fmt.Errorf("x11: connecting to the display: %w", err)
	}
	return c, nil
}

// Use makes extensions usable on a connection, instead of their Init. Names are
// the server's: "DAMAGE", "MIT-SHM". Each that is there can be used, whatever
// became of the others; the error joins what is wrong with those, with
// ErrMissing and the name where there is none.
func Use(c *xgb.Conn, names ...string) error {
	asked := make([]xproto.QueryExtensionCookie, len(names))
	for i, name := range names {
		asked[i] = xproto.QueryExtension(c, uint16(len(name)), name)
	}
	var problems []error
	for i, name := range names {
		if err := use(c, name, asked[i]); err != nil {
			problems = append(problems, err)
		}
	}
	return errors.Join(problems...)
}

func use(c *xgb.Conn, name string, asked xproto.QueryExtensionCookie) error {
	r, err := asked.Reply()
	if err != nil {
		return fmt.Errorf("x11: asking for %s: %w", name, err)
	}
	if !r.Present {
		return fmt.Errorf("%w: %s", ErrMissing, name)
	}
	if err := learn(name, int(r.FirstEvent), int(r.FirstError)); err != nil {
		return err
	}
	c.ExtLock.Lock()
	defer c.ExtLock.Unlock()
	c.Extensions[name] = r.MajorOpcode
	return nil
}

// UseKeyboard starts the X Keyboard Extension, which xgb knows nothing about,
// and returns the major opcode of its requests; package keys makes them.
// ErrMissing means that there is none, or none of version 1.
func UseKeyboard(c *xgb.Conn) (major byte, err error) {
	if err := Use(c, keys.XkbName); err != nil {
		return 0, err
	}
	c.ExtLock.RLock()
	major = c.Extensions[keys.XkbName]
	c.ExtLock.RUnlock()
	r, err := Ask(c, keys.XkbUse(major)).Reply()
	if err != nil {
		return 0, fmt.Errorf("x11: starting %s: %w", keys.XkbName, err)
	}
	if supported := r[1]; supported == 0 {
		return 0, fmt.Errorf("%w: %s of version 1", ErrMissing, keys.XkbName)
	}
	return major, nil
}

// Ask sends a request that xgb has no function for and that has a reply.
func Ask(c *xgb.Conn, request []byte) *xgb.Cookie {
	cookie := c.NewCookie(true, true)
	c.NewRequest(request, cookie)
	return cookie
}

// Atom is the number of a name in the display's table; it is entered if it is
// new.
func Atom(c *xgb.Conn, name string) (xproto.Atom, error) {
	r, err := xproto.InternAtom(c, false, uint16(len(name)), name).Reply()
	if err != nil {
		return 0, fmt.Errorf("x11: naming %s: %w", name, err)
	}
	return r.Atom, nil
}
