package words

// What stands on the shared screen, and what a program says before it has a
// window.
const (
	MarkSees     Sentence = "sees your screen since %s"
	MarkControls Sentence = "sees and controls your screen since %s"
	MarkStop     Sentence = "Stop"
	NoWindow     Sentence = "Handrail needs a desktop with OpenGL to open its window, and there is none here. Start it from the desktop; on a very old or remote one, install the graphics driver first."
)
