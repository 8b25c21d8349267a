package screen

import (
	"sync"

	"github.com/jezek/xgb/damage"
	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"
)

// news is what the X server said and nobody looked at yet. Equal news become
// one, so there is no queue that could overflow: xgb stops reading replies too
// when its events are not taken.
type news struct {
	wake chan struct{} // one place

	mu     sync.Mutex
	damage bool
	cursor bool
	stir   bool // of the pointer
	layout bool
	lost   bool
}

func (n *news) tell(what *bool) {
	n.mu.Lock()
	*what = true
	n.mu.Unlock()
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// take reads one piece of news and forgets it.
func (n *news) take(what *bool) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	was := *what
	*what = false
	return was
}

func (n *news) peek(what *bool) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return *what
}

func (n *news) isLost() bool { return n.peek(&n.lost) }

// listen runs until the connection ends.
func (x *xserver) listen() {
	for {
		event, err := x.conn.WaitForEvent()
		if event == nil && err == nil {
			x.news.tell(&x.news.lost)
			return
		}
		switch e := event.(type) {
		case damage.NotifyEvent:
			x.news.tell(&x.news.damage)
		case xfixes.CursorNotifyEvent:
			x.news.tell(&x.news.cursor)
		case randr.ScreenChangeNotifyEvent, randr.NotifyEvent, xproto.ConfigureNotifyEvent:
			x.news.tell(&x.news.layout)
		case nil:
		default:
			if x.stirs != 0 && e.Bytes()[0] == x.stirs {
				x.news.tell(&x.news.stir)
			}
		}
		// Errors of requests without reply need no answer: those that matter
		// are checked.
	}
}
