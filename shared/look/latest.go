package look

import (
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// Latest makes a function that has draw called on Fyne's goroutine with the
// newest value, from any goroutine and without waiting. Values that are
// overtaken before they could be drawn are left out.
//
// All windows are painted afterwards. The toolkit looks for what has changed in
// what it has painted before, and thus misses what appears for the first time
// unless something beside it changes too.
func Latest[T any](draw func(T)) func(T) {
	var mu sync.Mutex
	var newest T
	var waiting bool
	turn := func() {
		mu.Lock()
		v := newest
		waiting = false
		mu.Unlock()
		draw(v)
		for _, w := range fyne.CurrentApp().Driver().AllWindows() {
			w.Canvas().Refresh(canvas.NewRectangle(nil)) // any object: it only counts that there is something
		}
	}
	return func(v T) {
		mu.Lock()
		first := !waiting
		newest, waiting = v, true
		mu.Unlock()
		if first { // outside the lock: once the app has ended, Do runs at once
			fyne.Do(turn)
		}
	}
}
