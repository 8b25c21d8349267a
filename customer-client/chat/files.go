package chat

import (
	"slices"
	"strings"

	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// Drop are files that were dropped on the window while the rep may move the
// pointer: then only the customer's own press on a button sends them.
type Drop struct {
	Names []string
	Armed bool // the buttons work
}

// Unsent is a file that could not be offered; Name is empty if there is none.
type Unsent struct {
	Name string
	Why  wire.HaltWhy
}

// files takes what concerns files in a session.
func (m *Model) files(e Event) {
	if m.s.Screen != InSession {
		return
	}
	switch e := e.(type) {
	case Files:
		m.offer(e.Paths)
	case Dropped:
		switch {
		case len(e.Paths) == 0:
		case m.s.Session.Granted.Has(wire.Control):
			m.dropped = slices.Concat(m.dropped, e.Paths)
			m.dropArmed = m.now.Add(ArmTime)
		default:
			m.offer(e.Paths)
		}
	case DropReply:
		if m.dropped == nil || m.now.Before(m.dropArmed) {
			return
		}
		paths := m.dropped
		m.dropped = nil
		if e.Allow {
			m.offer(paths)
		}
	case Halt:
		if t, ok := words.Transfer(e.ID, m.s.Session); ok && t.Open() {
			m.do(Do{session.Cancel{ID: e.ID}})
		}
	case NotOffered:
		m.s.Unsent = Unsent(e)
	}
}

// offer has files offered, unless too much waits already.
func (m *Model) offer(paths []string) {
	m.s.Unsent, m.s.Back.Why = Unsent{}, ""
	switch {
	case len(paths) == 0:
	case m.s.Session.Full:
		m.s.Back.Why = words.FilesFull
	case m.s.Session.Denied.Take:
		m.s.Back.Why = words.FilesDenied
	case m.compare() != nil:
		m.s.Back.Why = words.FilesUnproved
	default:
		m.do(Offer{Paths: paths})
	}
}

// drop is the open question about dropped files.
func (m *Model) drop() *Drop {
	if m.dropped == nil {
		return nil
	}
	d := &Drop{Armed: !m.now.Before(m.dropArmed)}
	for _, path := range m.dropped {
		d.Names = append(d.Names, path[strings.LastIndexAny(path, `/\`)+1:])
	}
	return d
}

// offered adds to a prompt what the rep wants to send.
func (m *Model) offered(p *Prompt, r *session.Request) {
	if r.Offer == 0 {
		return
	}
	p.Offer = &session.Transfer{ID: r.Offer}
	if t, ok := words.Transfer(r.Offer, m.s.Session); ok {
		p.Offer = &t
	}
	p.Program = !p.Offer.Folder && program(p.Offer.Name)
}

// theirs says whether a line is about something the rep sends.
func theirs(l session.Line, s session.State) bool {
	if l.Kind != session.LineTransfer {
		return false
	}
	t, ok := words.Transfer(l.Transfer, s)
	return ok && !t.Mine
}

// program says whether a file of this name is one that can do something when
// it is opened: on any system, and documents with macros too. Windows ignores
// dots and blanks at the end of a name.
func program(name string) bool {
	name = strings.ToLower(strings.TrimRight(name, ". \u00a0"))
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 {
		return true // on most systems a program needs no ending
	}
	switch name[dot+1:] {
	case "exe", "com", "scr", "pif", "cpl", "dll", "ocx", "sys", "msi", "msp", "msix", "msixbundle", "appx", "appxbundle",
		"bat", "cmd", "ps1", "psm1", "vb", "vbe", "vbs", "js", "jse", "mjs", "wsf", "wsh", "hta", "msc", "reg", "inf",
		"lnk", "url", "scf", "chm", "gadget", "application", "appref-ms", "settingcontent-ms", "library-ms", "search-ms",
		"iso", "img", "vhd", "vhdx", "jar", "jnlp", "class",
		"app", "command", "tool", "workflow", "pkg", "mpkg", "dmg", "scpt", "terminal", "webloc",
		"sh", "bash", "csh", "fish", "ksh", "zsh", "run", "bin", "elf", "so", "appimage", "deb", "rpm", "snap", "flatpak",
		"flatpakref", "desktop", "service", "py", "pyc", "pyw", "pyz", "pl", "rb", "php", "lua", "apk", "ipa",
		"docm", "dotm", "xlsm", "xltm", "xlam", "xll", "pptm", "potm", "ppsm", "ppam", "sldm", "one", "accdb", "accde", "mdb", "mde":
		return true
	}
	return false
}
