package words

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"

	"handrail/shared/session"
	"handrail/shared/wire"
)

// Files on their way (C03), as both windows say it.
const (
	SendFiles     Sentence = "Send a file or a folder"
	SendFile      Sentence = "Send a file …"
	SendFolder    Sentence = "Send a folder …"
	ChooseFile    Sentence = "Which file should be sent?"
	ChooseFolder  Sentence = "Which folder should be sent, with everything in it?"
	ButtonSend    Sentence = "Send"
	ButtonTake    Sentence = "Take"
	ButtonNotTake Sentence = "Refuse"
	ButtonUndo    Sentence = "Take back"
	ButtonOpen    Sentence = "Open folder"

	fileTheirs   Sentence = "%s sends “%s” (%s)."
	fileMine     Sentence = "You send %s “%s” (%s)."
	fileForgot   Sentence = "A file was sent."
	fileSize     Sentence = "%s, %d items"
	fileSizeOne  Sentence = "%s, 1 item"
	fileWaits    Sentence = "Waiting for %s to take it"
	fileYours    Sentence = "Take it to save it on this computer"
	fileAnswer   Sentence = "Waiting for your answer"
	fileNoLink   Sentence = "Waiting for the connection"
	fileDone     Sentence = "%s of %s"
	fileBegins   Sentence = "Beginning"
	fileArrived  Sentence = "Arrived"
	fileSaved    Sentence = "Saved"
	fileSavedIn  Sentence = "Saved in %s"
	fileLeft     Sentence = "%s left"
	fileLeftFew  Sentence = "a few seconds left"
	fileNotTaken Sentence = "%s did not take it"
	fileSilent   Sentence = "%s did not answer"
	fileCantHere Sentence = "%s's computer takes no files"
	fileYouNot   Sentence = "You did not take it"
	fileYouNever Sentence = "You did not answer, so it was not taken"
	fileTookBack Sentence = "%s took it back"
	fileYouBack  Sentence = "You took it back"
	fileCancel   Sentence = "%s cancelled it"
	fileYouEnded Sentence = "You cancelled it"
	fileHalted   Sentence = "It was not sent to the end"
	fileOver     Sentence = "The session ended before it arrived"
)

// Why a transfer could not go on, and what to do now.
const (
	unreadableHere  Sentence = "It can no longer be read"
	unreadableThere Sentence = "%s's computer can no longer read it"
	changedHere     Sentence = "It changed while it was being sent"
	changedThere    Sentence = "It changed on %s's computer while it was being sent"
	fullHere        Sentence = "The disk is full"
	fullThere       Sentence = "%s's disk is full"
	unwritableHere  Sentence = "It cannot be saved on this computer"
	unwritableThere Sentence = "%s's computer cannot save it"
	wrongHere       Sentence = "What came was not what was offered"

	adviseFind     Sentence = "Look whether it is still there and may be read, then send it again."
	adviseAsk      Sentence = "Ask %s to send it again."
	adviseRest     Sentence = "Send it again once no program changes it any more."
	adviseRoom     Sentence = "Make room on the disk, then ask %s to send it again."
	adviseTheyRoom Sentence = "Ask %s to make room, then send it again."
	adviseFolder   Sentence = "Look whether the folder for downloads may be written to, then ask %s to send it again."
	adviseAgain    Sentence = "Try again, or ask %s for another place to save it."
)

// The customer's prompt for what the rep wants to send.
const (
	promptFile     Sentence = "%s wants to send you a file"
	promptFolder   Sentence = "%s wants to send you a folder"
	promptFileWhat Sentence = "“%s”, %s. It is saved with your downloads and is not opened."
	promptSilent   Sentence = "Without an answer it is not saved."
	HarmProgram    Sentence = "This can be a program, and programs can do harm. Only accept what you expect."
	HarmFolder     Sentence = "A folder can hold programs, and programs can do harm. Only accept what you expect."
	ButtonSave     Sentence = "Save"
	ButtonNo       Sentence = "No"
)

// Files dropped on the customer's window while the rep moves the pointer.
const (
	dropOne      Sentence = "Send “%s” to %s?"
	dropMany     Sentence = "Send “%s” and %d more to %s?"
	DropWhy      Sentence = "Your pointer may be moved from elsewhere just now, so please say yourself whether this leaves your computer."
	ButtonNoSend Sentence = "Don't send"
)

// What could not even be offered.
const (
	notOffered       Sentence = "“%s” cannot be sent."
	notOfferedRead   Sentence = "“%s” cannot be read, so it cannot be sent."
	notOfferedRest   Sentence = "“%s” was not offered: the last question was refused a moment ago."
	notOfferedFull   Sentence = "“%s” is too large, or too many files are on their way already."
	FilesFull        Sentence = "Too much waits for the connection. Send the file when it is back."
	RepDropHere      Sentence = "Files go to the session in front. Choose one first."
	RepFilesRest     Sentence = "The customer has just said no. You can send something again in %s."
	RepFileOffered   Sentence = "A file is offered"
	RepDropFilesHint Sentence = "Send a file or a folder, or drop it anywhere on the session"
)

// ShownName is a file's name as it may be shown: a name comes from the other
// side. What turns the direction of writing (so that "gpj.exe" reads as
// "exe.jpg"), breaks lines or can't be seen becomes a visible sign, and what is
// long is shortened in the middle, because both ends matter: most has to be
// more than 20 letters.
func ShownName(name string, most int) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Bidi_Control, r), unicode.IsControl(r), r == '\u2028', r == '\u2029',
			r == '\u200b', r == '\ufeff', unicode.IsSpace(r) && r != ' ', r == unicode.ReplacementChar:
			return '\ufffd'
		}
		return r
	}, strings.ToValidUTF8(name, "\ufffd"))
	letters := []rune(clean)
	if len(letters) <= most {
		return clean
	}
	const end = 10 // of a name: ".tar.gz", "(2).docx"
	return string(letters[:most-end-1]) + "…" + string(letters[len(letters)-end:])
}

// longestFile is how many letters of a file's name sentences show.
const longestFile = 48

// Bytes is an amount of data as desktops say it: decimal units, one digit.
func (s Speaker) Bytes(n uint64) string {
	if n < 1000 {
		return s.Say("%d B", n)
	}
	units := [...]string{"KB", "MB", "GB", "TB", "PB", "EB"}
	x, i := float64(n)/1000, 0
	for math.Round(x*10)/10 >= 1000 && i < len(units)-1 {
		x, i = x/1000, i+1
	}
	return fmt.Sprintf("%.1f %s", x, units[i])
}

// FileSize is how much a transfer is, with the number of things in a folder.
func (s Speaker) FileSize(t session.Transfer) string {
	size := s.Bytes(t.Size)
	switch {
	case !t.Folder || t.Items == 0:
		return size
	case t.Items == 2: // the folder and one thing in it
		return s.Say(fileSizeOne, size)
	}
	return s.Say(fileSize, size, t.Items-1)
}

// TimeLeft is how long something will still take, in steps that don't flicker.
func (s Speaker) TimeLeft(d time.Duration) string {
	const step = 5 * time.Second
	switch {
	case d <= step:
		return s.Say(fileLeftFew)
	case d <= time.Minute-step:
		return s.Say(fileLeft, s.Long((d+step-1)/step*step))
	}
	return s.Say(fileLeft, s.Long((d+time.Minute-1)/time.Minute*time.Minute))
}

// FileStatus says how far a transfer is, and what to do if it failed. left is
// how long it will still take, 0 if that is not known.
func (s Speaker) FileStatus(t session.Transfer, st session.State, left time.Duration) (status, advice string) {
	over := st.Stage == session.Over
	switch t.Stage {
	case session.TransferArrived:
		if t.Mine {
			return s.Say(fileArrived), ""
		}
		if folder := folderOf(t.Place); folder != "" {
			return s.Say(fileSavedIn, ShownName(folder, longestFile)), ""
		}
		return s.Say(fileSaved), ""
	case session.TransferRefused:
		return s.fileRefused(t, st), ""
	case session.TransferHalted:
		return s.fileHalted(t, st)
	}
	if over {
		return s.Say(fileOver), ""
	}
	if t.Stage == session.TransferOffered {
		return s.fileOffered(t, st), ""
	}
	done := s.Say(fileDone, s.Bytes(t.Done), s.Bytes(t.Size))
	switch {
	case !st.Linked && t.Done == 0:
		return s.Say(fileNoLink), ""
	case !st.Linked:
		return done + " · " + s.Say(fileNoLink), ""
	case t.Done == 0:
		return s.Say(fileBegins), ""
	case left > 0:
		return done + " · " + s.TimeLeft(left), ""
	}
	return done, ""
}

// folderOf is the name of the folder that holds a file: for the eye, of a path
// of any system.
func folderOf(place string) string {
	cut := func(r rune) bool { return r == '/' || r == '\\' }
	parts := strings.FieldsFunc(place, cut)
	if len(parts) < 2 {
		return ""
	}
	return parts[len(parts)-2]
}

func (s Speaker) fileOffered(t session.Transfer, st session.State) string {
	switch {
	case !st.Linked:
		return s.Say(fileNoLink)
	case t.Mine:
		return s.about(fileWaits, st)
	case st.Role == wire.RoleCustomer:
		return s.Say(fileAnswer)
	}
	return s.Say(fileYours)
}

func (s Speaker) fileRefused(t session.Transfer, st session.State) string {
	switch {
	case !t.Mine && t.Verdict == wire.Silence:
		return s.Say(fileYouNever)
	case t.Verdict == wire.TakenBack || t.Verdict == wire.Replaced:
		if t.Mine {
			return s.Say(fileYouBack)
		}
		return s.About(fileTookBack, st)
	case !t.Mine:
		return s.Say(fileYouNot)
	case t.Verdict == wire.Silence:
		return s.About(fileSilent, st)
	case t.Verdict == wire.CantHere:
		return s.About(fileCantHere, st)
	}
	return s.About(fileNotTaken, st)
}

// fileHalted tells whose computer could not go on: reading is the sender's
// affair, writing the receiver's.
func (s Speaker) fileHalted(t session.Transfer, st session.State) (status, advice string) {
	here := func(what, advice Sentence) (string, string) { return s.Say(what), s.about(advice, st) }
	there := func(what, advice Sentence) (string, string) { return s.About(what, st), s.about(advice, st) }
	switch t.Why {
	case wire.HaltCancelled:
		if t.ByMe {
			return s.Say(fileYouEnded), ""
		}
		return s.About(fileCancel, st), ""
	case wire.HaltUnreadable:
		if t.Mine {
			return here(unreadableHere, adviseFind)
		}
		return there(unreadableThere, adviseAsk)
	case wire.HaltChanged:
		if t.Mine {
			return here(changedHere, adviseRest)
		}
		return s.about(changedThere, st), s.about(adviseAsk, st)
	case wire.HaltFull:
		if t.Mine {
			return there(fullThere, adviseTheyRoom)
		}
		return here(fullHere, adviseRoom)
	case wire.HaltUnwritable:
		if t.Mine {
			return there(unwritableThere, adviseAgain)
		}
		return here(unwritableHere, adviseFolder)
	case wire.HaltWrong:
		if t.Mine {
			return s.Say(wrongHere), s.Say(adviseRest)
		}
		return here(wrongHere, adviseAsk)
	}
	return s.Say(fileHalted), ""
}

// about is About for sentences in which the other person, if there is one,
// stands further back.
func (s Speaker) about(x Sentence, st session.State) string {
	if !strings.Contains(string(x), "%s") {
		return s.Say(x)
	}
	who := s.Say(SomebodyCustomer)
	if st.Role == wire.RoleCustomer {
		who = s.Say(SomebodyRep)
	}
	if st.Peer != "" {
		who = short(st.Peer, longestName)
	}
	return s.Say(x, who)
}

// Transfer finds the transfer a line is about.
func Transfer(id uint32, st session.State) (session.Transfer, bool) {
	for _, t := range st.Transfers {
		if t.ID == id {
			return t, true
		}
	}
	return session.Transfer{}, false
}

// fileLine is a transfer as a line of the list: what it is and how far.
func (s Speaker) fileLine(l session.Line, st session.State) string {
	t, ok := Transfer(l.Transfer, st)
	if !ok {
		return s.Say(fileForgot)
	}
	name, size := ShownName(t.Name, longestFile), s.FileSize(t)
	what := s.About(fileTheirs, st, name, size)
	if t.Mine {
		what = s.Say(fileMine, s.about("%s", st), name, size)
	}
	status, _ := s.FileStatus(t, st, 0)
	return what + " " + status + "."
}

// FilePrompt says what the rep wants to send and what that means (C09).
func (s Speaker) FilePrompt(st session.State, t session.Transfer) (title, meaning, silence string) {
	title = s.About(promptFile, st)
	if t.Folder {
		title = s.About(promptFolder, st)
	}
	return title, s.Say(promptFileWhat, ShownName(t.Name, longestFile), s.FileSize(t)), s.Say(promptSilent)
}

// Dropped asks whether files that fell on the window shall be sent. names are
// their names, at least one.
func (s Speaker) Dropped(st session.State, names []string) string {
	first := ShownName(names[0], longestFile)
	if n := len(names) - 1; n > 0 {
		return s.Say(dropMany, first, n, s.about("%s", st))
	}
	return s.Say(dropOne, first, s.about("%s", st))
}

// NotOffered says why something could not be offered.
func (s Speaker) NotOffered(name string, why wire.HaltWhy) string {
	name = ShownName(name, longestFile)
	switch why {
	case wire.HaltUnreadable, wire.HaltChanged:
		return s.Say(notOfferedRead, name)
	case wire.HaltFull:
		return s.Say(notOfferedFull, name)
	case wire.HaltCancelled:
		return s.Say(notOfferedRest, name)
	}
	return s.Say(notOffered, name)
}
