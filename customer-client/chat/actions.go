package chat

// Actions is what a window needs from its owner. Both functions return at once
// and may be called on the window's goroutine.
type Actions struct {
	Step func(Event)       // hands an event to the model
	Open func(link string) // opens a web address outside
}
