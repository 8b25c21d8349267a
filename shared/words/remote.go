package words

// Where the rep sees the customer's screen.
const (
	RemoteWaiting      Sentence = "Waiting for the first picture…"
	RemoteStopped      Sentence = "The customer has stopped sharing."
	RemoteCut          Sentence = "Connection interrupted. Trying to reach the customer's computer again…"
	RemoteViewOnly     Sentence = "View only"
	RemoteActual       Sentence = "Actual size"
	RemoteFit          Sentence = "Fit to window"
	RemoteQuality      Sentence = "Quality"
	RemoteAutomatic    Sentence = "Automatic: as good as the connection allows"
	Remote32Bit        Sentence = "32 bit: photographs fine, and exact when still"
	Remote16Bit        Sentence = "16 bit: coarser photographs, for a slow connection"
	Remote8Bit         Sentence = "8 bit: coarse photographs, for a very slow connection"
	RemoteKeys         Sentence = "Special keys"
	RemoteType         Sentence = "Type text"
	RemoteTypeTitle    Sentence = "Type text on the customer's computer"
	RemoteTypeHint     Sentence = "This text is typed where the cursor is, whatever the keyboard layouts."
	RemoteTypeNow      Sentence = "Type"
	RemoteCancel       Sentence = "Cancel"
	RemoteSystemKeys   Sentence = "System keys"
	RemoteHeld         Sentence = "All keys go to the customer. Right Ctrl twice gives them back."
	RemotePlain        Sentence = "Keys go to the customer. System keys such as Alt+Tab stay yours."
	RemoteLoose        Sentence = "Click into the picture or press Ctrl+K to type there."
	RemoteLeaveFull    Sentence = "Leave full screen"
	RemoteDirect       Sentence = "Direct"
	RemoteRelayed      Sentence = "Relayed"
	RemoteMilliseconds Sentence = "%s, %d ms"
)

// Key combinations, as they are written on keys.
const (
	RemoteCtrlAltDel     Sentence = "Ctrl+Alt+Del"
	RemoteSuper          Sentence = "Super (Windows key)"
	RemoteSuperL         Sentence = "Super+L (lock the screen)"
	RemoteSuperR         Sentence = "Super+R"
	RemoteAltTab         Sentence = "Alt+Tab"
	RemoteAltF4          Sentence = "Alt+F4"
	RemoteCtrlEsc        Sentence = "Ctrl+Esc"
	RemoteCtrlShiftEsc   Sentence = "Ctrl+Shift+Esc"
	RemotePrintScreen    Sentence = "Print Screen"
	RemoteAltPrintScreen Sentence = "Alt+Print Screen"
	RemotePause          Sentence = "Pause"
	RemoteEscape         Sentence = "Esc"
)

// The speed panel: the stations of a picture's way with the time it needs at
// each, and in a sentence what makes it late.
const (
	RemoteSpeed      Sentence = "Speed"
	SpeedCapture     Sentence = "Capture"
	SpeedEncode      Sentence = "Encode"
	SpeedQueue       Sentence = "Queue"
	SpeedNetwork     Sentence = "Network"
	SpeedDecode      Sentence = "Decode"
	SpeedPresent     Sentence = "Present"
	SpeedPictures    Sentence = "Pictures"
	SpeedData        Sentence = "Data"
	SpeedTime        Sentence = "%.1f ms"
	SpeedLongTime    Sentence = "%d ms"
	SpeedPerSecond   Sentence = "%d/s"
	SpeedKilobits    Sentence = "%d kbit/s"
	SpeedMegabits    Sentence = "%.1f Mbit/s"
	SpeedStill       Sentence = "Nothing changes on the customer's screen."
	SpeedEven        Sentence = "Everything keeps up."
	SpeedSlowCapture Sentence = "The customer's computer is slow at reading its screen."
	SpeedSlowEncode  Sentence = "The customer's computer is busy encoding."
	SpeedSlowQueue   Sentence = "The network is slow: pictures wait for it."
	SpeedSlowNetwork Sentence = "The network is far: each answer takes %d ms."
	SpeedSlowDecode  Sentence = "This computer is busy decoding."
	SpeedSlowPresent Sentence = "This computer is busy painting."
)
