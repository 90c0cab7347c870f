# The interface's own sentences. Words of Kubernetes and Docker are not translated.

# Keys along the bottom
key-help = Help
key-hint = Hint
key-undo = Undo
key-pause = Pause
key-resume = Resume
key-speed = Speed
key-zoom = Zoom
key-unzoom = All panes
key-skip-wait = Skip wait
key-next = Next
key-view = View
key-story = Story
key-complete = Complete
key-quit = Quit
key-pane = Pane
key-search = Search
key-choose = choose
key-open = open
key-language = language
key-close = close
key-scroll = scroll
key-step = One step

# Panes
pane-lesson = Lesson
pane-cluster = Cluster
pane-machine = Your machine
pane-terminal = Terminal
pane-story = Why did that happen?
pane-help = Keys
tab-shell = shell { $n }

# The clock
clock-paused = paused
clock-past = the past
clock-idle = all quiet
clock-speed = { $x }x

# Lesson pane
goal-title = Goal
goal-all-done = Every goal is met.
hint-title = Hint { $n }
hint-more = F2 shows more
coach-title = Coach
predict-title = Before you try: what do you think?
question-title = A question first
question-right = Right.
question-wrong = You said “{ $said }”.
predict-keys = Press { $keys } to answer, Esc to leave it open
predict-right = Just as you said.
predict-wrong = You said “{ $said }”. Watch what happens and see why.
predict-noted = You said “{ $said }”. Now try it and see.
step-done = Step done.
step-done-next = Press Enter on an empty line, or F8, for the next step.
step-done-last = Press Enter on an empty line, or F8, to see what you have achieved.
step-passed-earlier = already done
sandbox-title = Sandbox
sandbox-text = Nothing to reach here: try what you like. Undo takes back anything.

# Cluster pane
you = you
no-cluster = No cluster yet: this is your machine.
no-pods = No pods in namespace { $namespace }
pods-elsewhere = { $n ->
    [one] 1 pod in another namespace
   *[other] { $n } pods in other namespaces
}
waiting-for-node = No node yet
more-pods = +{ $n } more
firewall = firewall
service-alias = only a name: DNS leads there
service-no-selector = no selector: its endpoints are set by hand
service-no-match = no pod is labelled { $selector }
service-no-label = no { $selector }
service-near = no pod: { $pod } lacks { $missing }
service-not-ready = { $n ->
    [one] 1 pod matches, but is not Ready
   *[other] { $n } pods match, none is Ready
}
cluster-coming = the cloud sets up a control plane and nodes
lit = { $selector }: { $n ->
    [0] no pod
    [one] 1 pod
   *[other] { $n } pods
}
behind-it = { $n ->
    [one] 1 ready pod
   *[other] { $n } ready pods
}
paused-rollout = rollout paused
cordoned = cordoned
not-ready = NotReady
tag-word = version
machine-images = Images
machine-containers = Containers
about-containers = a container is an image at work; a published port is its door
about-images = each a stack of layers; what two share is stored once
no-images = None yet. docker pull fetches one, docker build makes one.
no-containers = Nothing runs yet. docker run makes a container out of an image.
no-door = no port published
no-door-for = { $ports } not published: no door
plain-process = no container: a program of your machine
from-image = from { $image }
on-network = network { $network }
more-containers = +{ $n } stopped
more-images = +{ $n } older
more-names = +{ $n } more names
layers = { $n ->
    [one] 1 layer
   *[other] { $n } layers
}
shared = shared
partly-shared = partly shared
shared-by = shared by { $n }
cached = cached
waits = waits
pulling = pulling
building = building
already-there = already there
registry = Registry
bump-nothing = nothing listens on port { $port }
bump-inner = { $port } is inside { $name }: its door is { $door }
bump-unpublished = { $name } listens on { $port } inside, but no door was published
end-refused = refused
end-timed-out = timed out
end-broken = cut off
machine-empty = This is your home directory. It is empty.

# The story
story-quiet = Nothing has happened yet. Whatever you change, its consequences are told here.
story-you = you
story-created = { $actor } created { $kind } { $name }
story-created-pods = { $actor } created { $n ->
    [one] 1 pod
   *[other] { $n } pods
}
story-deleted = { $actor } deleted { $kind } { $name }
story-deleted-pods = { $actor } deleted { $n ->
    [one] 1 pod
   *[other] { $n } pods
}
story-scaled = { $actor } set { $kind } { $name } to { $to } (was { $from })
story-scaled-you = { $actor } scaled { $kind } { $name } { $from } → { $to }
story-template = { $actor } changed the image of { $kind } { $name }: { $from } → { $to }
story-changed = { $actor } changed { $kind } { $name }
story-scheduled = { $actor } put { $pod } on { $node }
story-scheduled-fits = { $actor } put { $pod } on { $node } ({ $fits } of { $nodes } nodes fit)
story-unschedulable = { $actor } found no node for { $pod }: { $reason }
story-pulling = { $actor } pulls { $image } for { $pod }
story-pull-failed = { $actor } could not pull the image of { $pod }: { $word }
story-started = { $actor } started { $pod }
story-ready = { $pod } is Ready
story-ready-several = { $pod } are Ready
story-not-ready = { $pod } is no longer Ready
story-crashed = the container of { $pod } exited with code { $code }
story-and-more = { $pods } and { $n } more
story-stopping = { $actor } stops { $pod }
story-endpoints = { $actor } now sends Service { $service } to { $n ->
    [0] no pod
    [one] 1 pod
   *[other] { $n } pods
}
story-address = { $actor } gave Service { $service } the address { $address }
story-because = because
story-help = Up and Down choose, Esc closes. Indented lines happened because of the line above.

# Terminal pane
terminal-scrolled = { $n ->
    [one] 1 line up
   *[other] { $n } lines up
}
terminal-new-output = new output below
popup-choose = Tab chooses, Esc closes
popup-take = Tab next, Enter takes
terminal-search = search
terminal-search-failed = nothing found
terminal-no-matches = no completion
terminal-closed = This terminal has ended. Ctrl-T opens another.
terminal-running = running
terminal-skip = F7 skips the wait
terminal-too-many = { $n } tabs are open; close one with Ctrl-D first

# Tiny windows
tiny = This window is { $have }. KubeJam needs at least { $need }: please make it larger.

# Home
home-tagline = A study jam in your terminal: real commands, a cluster that reacts.
home-continue = Continue
home-start = Start
home-again = Play again
home-sandbox = Sandbox
home-sandbox-note = A cluster of three nodes and no goal: try whatever you like. Nothing costs anything, and everything can be taken back.
home-language = 한국어
home-light = Light
home-dark = Dark
home-quit = Quit
home-not-built = not built yet
home-done = complete
home-steps = { $done } of { $total } steps
home-minutes = about { $n } min
home-offline = F-keys taken by your terminal? Alt with the digit works too

# Quest complete
complete-title = Quest complete
complete-line = { $quest }: every step done.
complete-time = { $time } of cluster time
complete-commands = { $n ->
    [one] 1 command
   *[other] { $n } commands
}
complete-record = Your certificate: { $path }
complete-export = kubejam export { $quest } writes it for your organiser.
complete-home = Enter: to the quests
complete-stay = Esc: stay and play on

# Help
help-intro = The prompt always has the keyboard: just type. These keys work everywhere.
help-play = Play
help-help = this page
help-hint = the next hint; each one says more
help-undo = take back the last command (all of its consequences too)
help-redo = put it back
help-pause = stop and start the cluster's clock
help-step = while paused: one second
help-speed = how fast time runs: 0.5x 1x 2x 4x 8x
help-skip = run ahead until the command in front returns
help-next = next step, once the goals are met
help-look = Look
help-zoom = make the pane with the focus fill the window, and back
help-view = cluster or your machine
help-story = the whole story: who did what, and because of what
help-pane = next pane; the wheel and PageUp scroll the one with the focus
help-mouse = click focuses, drag selects and copies
help-line = The command line
help-tabs = a new terminal; the next one; Ctrl-D closes it
help-tab = complete; again for the list
help-history = earlier commands; search them
help-ends = start and end of the line
help-words = one word back, forward
help-kill = cut to the end, to the start, the word before; put back
help-signals = interrupt, end of input, suspend, clear
help-leave = Leave
help-quit = quit; where you are is kept
help-page = { $page }/{ $pages }

# Editors
editor-saved = saved
editor-vi-help = i types, Esc stops, :wq saves and leaves, :q! leaves

# Errors and notices
undo-done = Taken back: { $what }   (Shift-F3 puts it back, F12 shows all)
redo-done = Put back: { $what }
nothing-to-undo = There is nothing to take back.
nothing-to-skip = Nothing is running, so there is nothing to wait for.
nothing-to-resume = Nothing is under way: the clock waits for you.
speed-now = Time runs at { $x }x.
copied = Copied { $n ->
    [one] 1 line
   *[other] { $n } lines
}
no-more-hints = That was the last hint: it is the whole command.
quit-ask = Press Ctrl-Q again to quit. Where you are is kept.

# Plain mode
plain-intro = Plain mode. Type commands as in a shell; :help lists what KubeJam itself understands; an empty line tells what is new.
plain-help = :lesson :goals :look :hint :next :undo :redo :wait (10 seconds) :stop (Ctrl-C) :end (Ctrl-D) :new (terminal) :tab N :1 :2 :3 (answer) :quit
plain-met = done
plain-partly = begun
plain-open = to do
plain-answer = Answer with its number after a colon, such as :1
plain-no-question = No question with that answer is open.
plain-request = A request ended: { $end }
plain-done = Step done. :next goes on.
plain-busy = Still running. An empty line waits on, :stop interrupts it, :new opens another terminal.
plain-tabs = Terminals: { $tabs }
plain-edit = Type { $path } anew. A line with only a dot saves it, :q leaves it as it is.
plain-undone = Taken back, or put back.

# Record, time line, certificate
help-time-line = look back: every command, the cluster and the terminal as they were
time-line = Time line
time-line-place = after { $at } of { $of } commands
did-edit = left the editor
did-answer = answered a question
time-line-start = the beginning
time-line-now = this is now
time-line-keys = ← → command  PgUp PgDn step  Enter or type: go on from here  Esc now
time-line-ask = Go on from here? { $n ->
    [one] The command that came later is taken back.
   *[other] The { $n } commands that came later are taken back.
}
time-line-ask-keys = Enter: yes (Shift-F3 puts them back until you type a command)   Esc: no
went-back = { $n ->
    [one] 1 command taken back. Shift-F3 puts it back.
   *[other] { $n } commands taken back. Shift-F3 puts them back, one by one.
}
resume-back = Welcome back: everything is as you left it ({ $n ->
    [one] 1 command
   *[other] { $n } commands
}).
resume-torn = The last thing you did had not reached the disk when KubeJam or the computer stopped, so it did not happen. Everything before it is here.
resume-damaged = Line { $line } of your journal is damaged: { $why }. Everything before it is here and you can go on. The damaged journal is kept, nothing of it is lost: { $path }
resume-version = Your journal was written by another version of KubeJam or of this quest, and cannot be played any more. Your progress counts. The steps before this one were played for you, and the old journal is kept: { $path }
resume-foreign = What lay where your journal should be is no journal. It was put aside: { $path }
resume-at = You are at: { $step }
told-key = Any key goes on
open-in-use = Another KubeJam has this quest open right now ({ $path }). Close that one first, or choose something else here: two would write into one journal.
open-no-file = { $path } is not a file. Move it away first: the journal belongs there.
open-failed = The journal cannot be opened: { $path }: { $why }
not-kept = The disk does not take the journal: { $why }. What you did last has therefore not happened, and nothing before it is lost. Make room, then do it again.

    { $path }
certificate-title = CERTIFICATE OF COMPLETION
certificate-has = has completed the quest
certificate-line = has completed { $quest } on { $date }
certificate-steps = { $n ->
    [one] step
   *[other] steps
}
certificate-commands = { $n ->
    [one] command
   *[other] commands
}
certificate-hints = { $n ->
    [one] hint
   *[other] hints
}
certificate-undos = { $n ->
    [one] undo
   *[other] undos
}
certificate-time = time
certificate-given = { $n ->
    [one] 1 step was played by the program
   *[other] { $n } steps were played by the program
}
certificate-digest = Record
certificate-check = kubejam check prints the same number for the record that this page belongs to.
certificate-proves = The record proves that its inputs reach the goal, not who typed them.
certificate-your-name = Your name:
certificate-name = N: your name
certificate-sign = Enter: sign    Esc: leave it

# The legend on the help page
help-picture = The picture
legend-ready = Ready: it runs and gets requests
legend-half = it runs, but is not Ready
legend-waiting = it waits: for a node, for its image, for its start
legend-failed = it failed; the word beside it says how
legend-leaving = it is on its way out
legend-route = a solid line: the way of requests
legend-own = a dotted line: who made whom
legend-letter = the Services that send to this pod, by the letters before their names
legend-shut = a firewall that lets nothing through
legend-door = a published port: the way from your machine into a container
legend-layer = a layer; under several images it is one and the same

# kubejam serve
serve-ready =
    The cluster answers at http://{ $address }. In another terminal:

      {"export KUBECONFIG="}{ $path }
      kubectl get nodes

    Ctrl-C ends it, and the cluster with it. What happens there is told here.
serve-card =
    Your own kubectl may come in at http://{ $address }. In another terminal:

    {"export KUBECONFIG="}{ $path }

    What it changes is drawn here, and F3 takes it back.
