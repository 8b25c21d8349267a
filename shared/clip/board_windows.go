package clip

import (
	"context"
	"encoding/binary"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"
	"unicode/utf16"
	"unsafe"

	"golang.org/x/sys/windows"

	"handrail/shared/wire"
)

// Board is the clipboard of this process's window station.
type Board struct {
	window  uintptr // only for messages
	formats formats
	calls   chan func()     // for the window's thread
	ctx     context.Context // ends with the Board
	cancel  context.CancelFunc
	group   sync.WaitGroup

	mu    sync.Mutex // guards the following
	told  Told
	offer *offer
	own   bool // the clipboard is being emptied by ourselves
}

// formats are the numbers of what is on the clipboard.
type formats struct{ html, rtf, png, hidden, ignored, history, cloud uintptr }

// boards finds the Board of a window, for the system's call.
var boards struct {
	sync.Mutex
	of map[uintptr]*Board
}

// Open makes a window that hears of the clipboard; display means nothing on
// Windows. It returns ErrNotHere where there is no desktop.
func Open(string) (*Board, error) {
	b := &Board{calls: make(chan func(), 16)}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	made := make(chan error)
	b.group.Go(func() { b.run(made) })
	if err := <-made; err != nil {
		b.cancel()
		return nil, fmt.Errorf("%w: %w", ErrNotHere, err)
	}
	return b, nil
}

// run owns the window: everything of it happens on one thread.
func (b *Board) run(made chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for at, name := range map[*uintptr]string{
		&b.formats.html: "HTML Format", &b.formats.rtf: "Rich Text Format", &b.formats.png: "PNG",
		// What programs mark secrets with, see "Clipboard Formats", Microsoft's
		// win32 documentation, dataxchg.
		&b.formats.hidden: "ExcludeClipboardContentFromMonitorProcessing", &b.formats.ignored: "Clipboard Viewer Ignore",
		&b.formats.history: "CanIncludeInClipboardHistory", &b.formats.cloud: "CanUploadToCloudClipboard",
	} {
		*at = register(name)
	}
	w, err := newWindow()
	if err != nil {
		made <- err
		return
	}
	b.window = w
	boards.Lock()
	if boards.of == nil {
		boards.of = map[uintptr]*Board{}
	}
	boards.of[w] = b
	boards.Unlock()
	made <- nil
	pump()
	boards.Lock()
	delete(boards.of, w)
	boards.Unlock()
}

// do has the window's thread do something and waits for it.
func (b *Board) do(f func()) error {
	done := make(chan struct{})
	select {
	case b.calls <- func() { defer close(done); f() }:
	case <-b.ctx.Done():
		return ErrClosed
	}
	post(b.window, messageCall)
	select {
	case <-done:
		return nil
	case <-b.ctx.Done():
		return ErrClosed
	}
}

// handle takes a message to the window, on its thread. It says whether that was
// all.
func (b *Board) handle(message, format uintptr) bool {
	switch message {
	case messageCall:
		for {
			select {
			case f := <-b.calls:
				f()
			default:
				return true
			}
		}
	case messageUpdate:
		b.changed(false)
	case messageRender:
		b.render(format)
	case messageRenderAll: // nothing stays when we go
	case messageDestroyed:
		b.lost()
	default:
		return false
	}
	return true
}

// Close gives up what is offered and ends the window.
func (b *Board) Close() {
	b.Watch(nil)
	b.mu.Lock()
	o := b.offer
	b.mu.Unlock()
	if o != nil {
		b.giveUp(o)
	}
	_ = b.do(func() { // it fails when it is closed already
		destroy(b.window)
		b.cancel()
	})
	b.group.Wait()
}

// Watch has told called from now on whenever something is copied, and at once
// if something is on the clipboard. With nil nobody looks any more.
func (b *Board) Watch(told Told) {
	_ = b.do(func() { // nobody is told by a Board that is closed
		b.mu.Lock()
		before := b.told
		b.told = told
		b.mu.Unlock()
		switch {
		case told != nil && before == nil:
			listen(b.window, true)
		case told == nil && before != nil:
			listen(b.window, false)
		}
		if told != nil && available(b.formats, wire.ClipText, wire.ClipHTML, wire.ClipRTF, wire.ClipPNG) != nil {
			b.changed(true)
		}
	})
}

// changed tells what is on the clipboard now.
func (b *Board) changed(before bool) {
	b.mu.Lock()
	told := b.told
	b.mu.Unlock()
	if told == nil {
		return
	}
	var forms []wire.ClipForm
	if ours := clipboardOwner() == b.window; ours && before {
		return
	} else if !ours && !b.secret() {
		forms = available(b.formats, wire.ClipText, wire.ClipHTML, wire.ClipRTF, wire.ClipPNG)
	}
	told(forms, before)
}

// secret says whether whoever copied wants it to stay between programs.
func (b *Board) secret() bool {
	if has(b.formats.hidden) || has(b.formats.ignored) {
		return true
	}
	if !has(b.formats.history) || !openClipboard(b.window) {
		return false
	}
	defer closeClipboard()
	data, ok := get(b.formats.history)
	return ok && len(data) >= 4 && binary.LittleEndian.Uint32(data) == 0
}

// Offer takes the clipboard over with forms that get fetches when a program
// pastes. giveUp leaves the clipboard empty, unless something else is on it by
// then. An offer ends by itself when another is made or somebody copies.
func (b *Board) Offer(forms []wire.ClipForm, get Get) (giveUp func(), err error) {
	o := newOffer(b.ctx, forms, get)
	err = ErrGone
	if called := b.do(func() {
		if !openClipboard(b.window) {
			return
		}
		defer closeClipboard()
		b.takeOver(o)
		for _, f := range forms {
			for _, number := range b.formats.of(f.Format) {
				promise(number)
			}
		}
		put(b.formats.hidden, make([]byte, 4))
		put(b.formats.ignored, make([]byte, 4))
		put(b.formats.history, make([]byte, 4))
		put(b.formats.cloud, make([]byte, 4))
		err = nil
	}); called != nil {
		err = called
	}
	if err != nil {
		o.cancel()
		return nil, fmt.Errorf("clip: taking the clipboard: %w", err)
	}
	return func() { b.giveUp(o) }, nil
}

// takeOver empties the clipboard, which must be open, and has o on it.
func (b *Board) takeOver(o *offer) {
	b.mu.Lock()
	b.own = true
	if b.offer != nil {
		b.offer.cancel()
	}
	b.offer = o
	b.mu.Unlock()
	empty()
	b.mu.Lock()
	b.own = false
	b.mu.Unlock()
}

func (b *Board) giveUp(o *offer) {
	o.cancel() // ends a fetch that holds the window's thread up
	_ = b.do(func() {
		b.mu.Lock()
		ours := b.offer == o
		b.mu.Unlock()
		if ours && clipboardOwner() == b.window && openClipboard(b.window) {
			b.takeOver(nil)
			closeClipboard()
		}
	})
}

// lost hears that the clipboard was emptied.
func (b *Board) lost() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.offer != nil && !b.own {
		b.offer.cancel()
		b.offer = nil
	}
}

// render hands over what a program pastes. Windows waits for it.
func (b *Board) render(number uintptr) {
	b.mu.Lock()
	o := b.offer
	b.mu.Unlock()
	f := b.formats.form(number)
	if o == nil || f == 0 {
		return
	}
	data, err := o.fetch(f)
	if err != nil {
		return // the program sees that there is nothing
	}
	switch number {
	case formatText:
		data = toUTF16(data)
	case formatDIB:
		if data, err = toDIB(data); err != nil {
			return
		}
	case b.formats.html:
		data = append(toWindowsHTML(data), 0)
	case b.formats.rtf:
		data = append(data[:len(data):len(data)], 0)
	}
	put(number, data)
}

// Read reads one form of what another program has copied. It returns ErrGone,
// ErrTooLarge, ErrSlow or ErrClosed.
func (b *Board) Read(ctx context.Context, f wire.ClipFormat) (data []byte, err error) {
	err = ErrGone
	called := b.do(func() {
		if ctx.Err() != nil || clipboardOwner() == b.window || b.secret() {
			return
		}
		if !openClipboard(b.window) {
			err = ErrSlow
			return
		}
		defer closeClipboard()
		for _, number := range b.formats.of(f) {
			raw, ok := get(number)
			if !ok {
				continue
			}
			if len(raw) > rawMost {
				err = ErrTooLarge
				continue
			}
			if data, err = b.parse(f, number, raw); err == nil {
				return
			}
		}
	})
	if called != nil {
		return nil, called
	}
	return data, err
}

// rawMost bounds what is read: a bitmap is larger than the PNG of it.
const rawMost = 4*maxPixels + 1<<12

// parse makes the bytes of one of Windows' formats a form.
func (b *Board) parse(f wire.ClipFormat, number uintptr, raw []byte) (data []byte, err error) {
	switch number {
	case formatText:
		raw = append([]byte("\xff\xfe"), raw...)
	case formatDIB:
		if raw, err = fromDIB(raw); err != nil {
			return nil, err
		}
	case b.formats.html:
		raw = fromWindowsHTML(raw)
	}
	return clean(f, raw)
}

// of are the numbers of a form, the best first.
func (x formats) of(f wire.ClipFormat) []uintptr {
	switch f {
	case wire.ClipText:
		return []uintptr{formatText}
	case wire.ClipHTML:
		return []uintptr{x.html}
	case wire.ClipRTF:
		return []uintptr{x.rtf}
	case wire.ClipPNG:
		return []uintptr{x.png, formatDIB}
	}
	return nil
}

// form is the form of a number, 0 for none.
func (x formats) form(number uintptr) wire.ClipFormat {
	switch number {
	case formatText:
		return wire.ClipText
	case x.html:
		return wire.ClipHTML
	case x.rtf:
		return wire.ClipRTF
	case x.png, formatDIB:
		return wire.ClipPNG
	}
	return 0
}

// available are those of some forms that are on the clipboard.
func available(x formats, all ...wire.ClipFormat) (forms []wire.ClipForm) {
	for _, f := range all {
		if slices.ContainsFunc(x.of(f), has) {
			forms = append(forms, wire.ClipForm{Format: f})
		}
	}
	return forms
}

// toUTF16 is text as Windows' programs want it: with CR LF and a zero.
func toUTF16(text []byte) []byte {
	var out []byte
	for _, r := range string(text) {
		if r == '\n' {
			out = binary.LittleEndian.AppendUint16(out, '\r')
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			out = binary.LittleEndian.AppendUint16(out, unit)
		}
	}
	return append(out, 0, 0)
}

// openClipboard opens the clipboard. Another program may have it open; nothing
// tells when it lets go.
func openClipboard(window uintptr) bool {
	for end := time.Now().Add(time.Second); ; time.Sleep(10 * time.Millisecond) {
		if ok, _, _ := procOpenClipboard.Call(window); ok != 0 {
			return true
		}
		if time.Now().After(end) {
			return false
		}
	}
}

// get copies what the open clipboard has in a format.
func get(number uintptr) ([]byte, bool) {
	h, _, _ := procGetClipboardData.Call(number)
	if h == 0 {
		return nil, false
	}
	size, _, _ := procGlobalSize.Call(h)
	from, _, _ := procGlobalLock.Call(h)
	if from == 0 || size == 0 {
		return nil, false
	}
	defer procGlobalUnlock.Call(h)
	if size > rawMost {
		return make([]byte, rawMost+1), true // too much, whatever it is
	}
	data := make([]byte, size)
	procMoveMemory.Call(uintptr(unsafe.Pointer(&data[0])), from, size)
	return data, true
}

// put gives the clipboard, which is ours, data in a format.
func put(number uintptr, data []byte) {
	if len(data) == 0 {
		return
	}
	h, _, _ := procGlobalAlloc.Call(globalMoveable, uintptr(len(data)))
	if h == 0 {
		return
	}
	to, _, _ := procGlobalLock.Call(h)
	if to == 0 {
		procGlobalFree.Call(h)
		return
	}
	procMoveMemory.Call(to, uintptr(unsafe.Pointer(&data[0])), uintptr(len(data)))
	procGlobalUnlock.Call(h)
	if ok, _, _ := procSetClipboardData.Call(number, h); ok == 0 {
		procGlobalFree.Call(h) // else it is the system's
	}
}

// promise says that a format can be had when it is wanted.
func promise(number uintptr) { procSetClipboardData.Call(number, 0) }

func has(number uintptr) bool {
	yes, _, _ := procIsFormatAvailable.Call(number)
	return yes != 0
}

func register(name string) uintptr {
	n, _, _ := procRegisterFormat.Call(uintptr(unsafe.Pointer(windows.StringToUTF16Ptr(name))))
	return n
}
