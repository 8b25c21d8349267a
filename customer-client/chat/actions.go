package chat

// Actions is what a window needs from its owner. The functions return at once
// and may be called on the window's goroutine.
type Actions struct {
	Step func(Event)       // hands an event to the model
	Open func(link string) // opens a web address outside
	// Show shows the folder in which the file or folder at place is.
	Show func(place string)
}
