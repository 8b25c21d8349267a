package look

import (
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"handrail/assets"
	"handrail/shared/words"
)

// Chooser asks a person what to send: a file or a folder, in a window of its
// own, which has room for names where a narrow window has none. There is one at
// a time.
type Chooser struct {
	After func() // when the window is gone; may be nil
	// What it says where it is not about sending, and how the files end then.
	Title, Confirm words.Sentence
	Ends           string

	speaker words.Speaker
	chosen  func(paths []string)
	window  fyne.Window // while it is asked
}

// NewChooser makes a chooser that reports what was chosen.
func NewChooser(speaker words.Speaker, chosen func(paths []string)) *Chooser {
	return &Chooser{speaker: speaker, chosen: chosen}
}

// Menu offers a file and a folder, above the button that was pressed.
func (c *Chooser) Menu(above fyne.CanvasObject) {
	on := fyne.CurrentApp().Driver().CanvasForObject(above)
	if on == nil {
		return
	}
	file := fyne.NewMenuItem(c.speaker.Say(words.SendFile), func() { c.Ask(false) })
	folder := fyne.NewMenuItem(c.speaker.Say(words.SendFolder), func() { c.Ask(true) })
	file.Icon, folder.Icon = Icon(assets.File), Icon(assets.Folder)
	menu := widget.NewPopUpMenu(fyne.NewMenu("", file, folder), on)
	menu.ShowAtRelativePosition(fyne.NewPos(0, -menu.MinSize().Height-4), above)
}

// Ask opens the window, or brings the one that is open to the front.
func (c *Chooser) Ask(folder bool) {
	if c.window != nil {
		c.window.RequestFocus()
		return
	}
	title := words.ChooseFile
	if folder {
		title = words.ChooseFolder
	}
	confirm := words.ButtonSend
	if c.Title != "" {
		title, confirm = c.Title, c.Confirm
	}
	w := fyne.CurrentApp().NewWindow(c.speaker.Say(title))
	c.window = w
	w.SetIcon(AppIcon())
	w.SetPadded(false)
	w.SetOnClosed(func() {
		c.window = nil
		if c.After != nil {
			c.After()
		}
	})
	done := func(u fyne.URI) {
		w.Close()
		if paths := Paths([]fyne.URI{u}); len(paths) > 0 {
			c.chosen(paths)
		}
	}
	var d *dialog.FileDialog
	if folder {
		d = dialog.NewFolderOpen(func(u fyne.ListableURI, _ error) { done(u) }, w)
	} else {
		d = dialog.NewFileOpen(func(r fyne.URIReadCloser, _ error) {
			if r == nil {
				done(nil)
				return
			}
			u := r.URI()
			_ = r.Close() // nothing was read
			done(u)
		}, w)
		d.SetFilter(regular{c.Ends})
		d.SetView(dialog.ListView)
	}
	d.SetTitleText(c.speaker.Say(title))
	d.SetConfirmText(c.speaker.Say(confirm))
	d.SetDismissText(c.speaker.Say(words.ButtonCancel))
	d.Show() // first: its size follows the window's
	w.SetContent(container.New(follows{d}, canvas.NewRectangle(nil)))
	w.Resize(fyne.NewSize(760, 540))
	w.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) {
		if e.Name == fyne.KeyEscape {
			w.Close()
		}
	})
	w.CenterOnScreen()
	w.Show()
}

// Shut closes the window without a choice.
func (c *Chooser) Shut() {
	if c.window != nil {
		c.window.Close()
	}
}

// Paths are the places of files on this machine; what is elsewhere is left out.
func Paths(uris []fyne.URI) []string {
	var paths []string
	for _, u := range uris {
		if u != nil && u.Scheme() == "file" && !slices.Contains(paths, u.Path()) {
			paths = append(paths, u.Path())
		}
	}
	return paths
}

// FolderOf is the address of the folder in which a file is, for who opens
// addresses: of the folder and never of the file, which could do something.
func FolderOf(place string) *url.URL {
	path := filepath.ToSlash(filepath.Dir(place))
	if !strings.HasPrefix(path, "/") { // C:/Users
		path = "/" + path
	}
	return &url.URL{Scheme: "file", Path: path}
}

// regular lets files be chosen that end: Fyne opens what is chosen, and would
// wait for ever for a pipe.
type regular struct{ ends string }

// Matches is for Fyne.
func (r regular) Matches(u fyne.URI) bool {
	info, err := os.Stat(u.Path())
	return err == nil && info.Mode().IsRegular() && strings.HasSuffix(strings.ToLower(u.Path()), r.ends)
}

// follows keeps a dialog as large as its window.
type follows struct{ d *dialog.FileDialog }

func (follows) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(480, 360) }

func (f follows) Layout(o []fyne.CanvasObject, s fyne.Size) {
	o[0].Resize(s)
	f.d.Resize(s)
}
