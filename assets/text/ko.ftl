# 화면의 문장. 쿠버네티스와 도커의 낱말은 옮기지 않는다.

key-help = 도움말
key-hint = 힌트
key-undo = 되돌리기
key-pause = 멈춤
key-resume = 계속
key-speed = 빠르기
key-zoom = 크게
key-unzoom = 원래대로
key-skip-wait = 건너뛰기
key-next = 다음
key-view = 보기
key-story = 이야기
key-complete = 완성
key-quit = 끝내기
key-pane = 창
key-search = 찾기
key-choose = 고르기
key-open = 열기
key-language = 언어
key-close = 닫기
key-scroll = 넘기기
key-step = 한 걸음

pane-lesson = 학습
pane-cluster = 클러스터
pane-machine = 내 컴퓨터
pane-terminal = 터미널
pane-story = 왜 이렇게 되었을까?
pane-help = 키
tab-shell = 셸 { $n }

clock-paused = 멈춤
clock-past = 지난 때
clock-idle = 고요함
clock-speed = { $x }x

goal-title = 목표
goal-all-done = 목표를 모두 이루었어요.
hint-title = 힌트 { $n }
hint-more = F2를 누르면 더 보여 드려요
coach-title = 도우미
predict-title = 해 보기 전에: 어떻게 될까요?
question-title = 먼저 한 가지 물음
question-right = 맞아요.
question-wrong = 고른 답: “{ $said }”
predict-keys = { $keys } 키로 답하고, Esc로 넘어가요
predict-right = 예상한 그대로예요.
predict-wrong = 예상: “{ $said }”. 무슨 일이 왜 일어나는지 지켜보세요.
predict-noted = 예상: “{ $said }”. 이제 직접 해 보세요.
step-done = 이 단계를 마쳤어요.
step-done-next = 빈 줄에서 Enter나 F8을 누르면 다음 단계로 가요.
step-done-last = 빈 줄에서 Enter나 F8을 누르면 이룬 것을 볼 수 있어요.
step-passed-earlier = 이미 마침
sandbox-title = 놀이터
sandbox-text = 정해진 목표는 없어요. 무엇이든 해 보세요. 모두 되돌릴 수 있어요.

you = 나
no-cluster = 아직 클러스터가 없어요. 여기는 내 컴퓨터예요.
no-pods = { $namespace } 네임스페이스에 파드가 없어요
pods-elsewhere = 다른 네임스페이스에 파드 { $n }개
waiting-for-node = 아직 노드 없음
more-pods = 외 { $n }개
firewall = 방화벽
service-alias = 이름뿐이에요. DNS가 그리로 안내해요
service-no-selector = 셀렉터가 없어요. 엔드포인트를 직접 정해요
service-no-match = { $selector } 라벨이 붙은 파드가 없어요
service-no-label = { $selector } 없음
service-near = 파드 없음: { $pod }에 { $missing } 라벨이 없어요
service-not-ready = 맞는 파드 { $n }개, Ready인 것은 없어요
cluster-coming = 클라우드가 컨트롤 플레인과 노드를 준비하고 있어요
lit = { $selector }: 파드 { $n }개
behind-it = 준비된 파드 { $n }개
paused-rollout = 롤아웃 멈춤
cordoned = 격리됨
not-ready = NotReady
tag-word = 버전
machine-images = 이미지
machine-containers = 컨테이너
about-containers = 컨테이너는 실행 중인 이미지, 공개한 포트는 그 문이에요
about-images = 층층이 쌓인 레이어예요. 같은 레이어는 한 번만 저장돼요
no-images = 아직 없어요. docker pull로 받거나 docker build로 만들어요.
no-containers = 아직 실행 중인 것이 없어요. docker run이 이미지로 컨테이너를 만들어요.
no-door = 공개한 포트 없음
no-door-for = { $ports } 공개 안 됨: 문이 없어요
plain-process = 컨테이너가 아닌 프로그램
from-image = 이미지 { $image }
on-network = 네트워크 { $network }
more-containers = 멈춘 것 { $n }개 더
more-images = 이전 것 { $n }개 더
more-names = 이름 { $n }개 더
layers = 레이어 { $n }개
shared = 공유
partly-shared = 일부 공유
shared-by = { $n }개가 공유
cached = 캐시
waits = 대기
pulling = 받는 중
building = 빌드 중
already-there = 이미 있음
registry = 레지스트리
bump-nothing = { $port } 포트에서 듣는 것이 없어요
bump-inner = { $port }은 { $name } 안의 포트예요. 문은 { $door }이에요
bump-unpublished = { $name } 안에서 { $port }을 듣지만, 공개한 문이 없어요
end-refused = 거절됨
end-timed-out = 시간 초과
end-broken = 연결 끊김
machine-empty = 홈 디렉터리예요. 비어 있어요.

story-quiet = 아직 아무 일도 없어요. 무엇을 바꾸면 그 결과를 여기에서 이야기해 드려요.
story-you = 나
story-created = { $actor }: { $kind } { $name } 생성
story-created-pods = { $actor }: 파드 { $n }개 생성
story-deleted = { $actor }: { $kind } { $name } 삭제
story-deleted-pods = { $actor }: 파드 { $n }개 삭제
story-scaled = { $actor }: { $kind } { $name }의 개수를 { $from }에서 { $to }(으)로
story-scaled-you = { $actor }: { $kind } { $name } 개수 { $from } → { $to }
story-template = { $actor }: { $kind } { $name }의 이미지 { $from } → { $to }
story-changed = { $actor }: { $kind } { $name } 변경
story-scheduled = { $actor }: { $pod } 파드를 { $node } 노드에 배치
story-scheduled-fits = { $actor }: { $pod } 파드를 { $node } 노드에 배치 (노드 { $nodes }개 중 { $fits }개 가능)
story-unschedulable = { $actor }: { $pod } 파드를 둘 노드가 없음: { $reason }
story-pulling = { $actor }: { $pod } 파드의 { $image } 이미지를 받는 중
story-pull-failed = { $actor }: { $pod } 파드의 이미지를 받지 못함: { $word }
story-started = { $actor }: { $pod } 파드 시작
story-ready = { $pod } 파드가 Ready
story-ready-several = { $pod } 파드가 Ready
story-not-ready = { $pod } 파드가 Ready가 아님
story-crashed = { $pod } 파드의 컨테이너가 코드 { $code }(으)로 끝남
story-and-more = { $pods } 외 { $n }개
story-stopping = { $actor }: { $pod } 파드를 멈추는 중
story-endpoints = { $actor }: Service { $service }의 요청을 파드 { $n }개로 보냄
story-address = { $actor }: Service { $service }에 주소 { $address } 부여
story-because = 까닭
story-help = 위아래 화살표로 고르고 Esc로 닫아요. 들여 쓴 줄은 윗줄 때문에 일어난 일이에요.

terminal-scrolled = { $n }줄 위
terminal-new-output = 아래에 새 출력
popup-choose = Tab 고르기, Esc 닫기
popup-take = Tab 다음, Enter 넣기
terminal-search = 찾기
terminal-search-failed = 찾지 못함
terminal-no-matches = 완성할 것이 없음
terminal-closed = 이 터미널은 끝났어요. Ctrl-T로 새로 열어요.
terminal-running = 실행 중
terminal-skip = F7로 기다림을 건너뛰어요
terminal-too-many = 탭 { $n }개가 열려 있어요. 먼저 Ctrl-D로 하나를 닫으세요

tiny = 지금 창은 { $have }예요. { $need } 이상으로 키워 주세요.

home-tagline = 터미널에서 하는 스터디 잼. 명령은 진짜, 클러스터는 눈앞에서 반응해요.
home-continue = 이어서 하기
home-start = 시작하기
home-again = 다시 하기
home-sandbox = 놀이터
home-sandbox-note = 노드 세 개짜리 클러스터가 있고 목표는 없어요. 무엇이든 해 보세요. 비용도 없고, 모두 되돌릴 수 있어요.
home-language = English
home-light = 밝게
home-dark = 어둡게
home-quit = 끝내기
home-not-built = 아직 준비 중
home-done = 완료
home-steps = { $total }단계 중 { $done }단계
home-minutes = 약 { $n }분
home-offline = F키가 듣지 않으면 Alt와 숫자를 누르세요

complete-title = 퀘스트 완료
complete-line = { $quest }: 모든 단계를 마쳤어요.
complete-time = 클러스터 시간 { $time }
complete-commands = 명령 { $n }개
complete-record = 수료증: { $path }
complete-export = kubejam export { $quest } 명령으로 진행자에게 낼 기록을 만들어요.
complete-home = Enter: 퀘스트 목록으로
complete-stay = Esc: 남아서 더 해 보기

help-intro = 키보드는 늘 프롬프트에 있어요. 그냥 입력하세요. 아래 키는 어디서나 들어요.
help-play = 진행
help-help = 이 화면
help-hint = 다음 힌트. 갈수록 자세해져요
help-undo = 마지막 명령과 그 결과를 되돌리기
help-redo = 다시 실행하기
help-pause = 클러스터의 시계를 멈추고 다시 돌리기
help-step = 멈춘 동안: 1초만 보내기
help-speed = 시간의 빠르기: 0.5x 1x 2x 4x 8x
help-skip = 앞의 명령이 끝날 때까지 건너뛰기
help-next = 목표를 이룬 뒤 다음 단계로
help-look = 보기
help-zoom = 지금 창을 화면 가득, 다시 누르면 원래대로
help-view = 클러스터와 내 컴퓨터 바꾸기
help-story = 전체 이야기: 누가, 무엇을, 무엇 때문에
help-pane = 다음 창. 휠과 PageUp은 지금 창을 넘겨요
help-mouse = 누르면 그 창으로, 끌면 골라서 복사
help-line = 명령줄
help-tabs = 새 터미널, 다음 터미널. Ctrl-D로 닫기
help-tab = 완성. 한 번 더 누르면 목록
help-history = 앞선 명령, 찾기
help-ends = 줄의 처음과 끝
help-words = 한 낱말 앞으로, 뒤로
help-kill = 끝까지, 처음까지, 앞 낱말 자르기, 붙이기
help-signals = 멈춤, 입력 끝, 잠시 멈춤, 화면 지우기
help-leave = 나가기
help-quit = 끝내기. 하던 곳은 그대로 남아요
help-page = { $page }/{ $pages }

editor-saved = 저장함
editor-vi-help = i 입력, Esc 명령, :wq 저장하고 나가기, :q! 그냥 나가기

undo-done = 되돌렸어요: { $what }   (Shift-F3 되살리기, F12 시간선)
redo-done = 다시 실행했어요: { $what }
nothing-to-undo = 되돌릴 것이 없어요.
nothing-to-skip = 실행 중인 것이 없어 기다릴 것도 없어요.
nothing-to-resume = 진행 중인 일이 없어요. 시계가 기다려 줘요.
speed-now = 시간이 { $x }배로 흘러요.
copied = { $n }줄을 복사했어요
no-more-hints = 마지막 힌트예요. 명령 전체를 보여 드렸어요.
quit-ask = 한 번 더 Ctrl-Q를 누르면 끝나요. 하던 곳은 그대로 남아요.

# 플레인 모드
plain-intro = 플레인 모드예요. 셸처럼 명령을 입력하세요. :help는 KubeJam에게 하는 말의 목록, 빈 줄은 새 소식이에요.
plain-help = :lesson :goals :look :hint :next :undo :redo :wait (10초) :stop (Ctrl-C) :end (Ctrl-D) :new (터미널) :tab N :1 :2 :3 (답) :quit
plain-met = 완료
plain-partly = 진행 중
plain-open = 할 일
plain-answer = 콜론과 번호로 답하세요. 예: :1
plain-no-question = 그 답이 있는 질문이 없어요.
plain-request = 요청이 끝났어요: { $end }
plain-done = 단계를 마쳤어요. :next로 다음으로 가요.
plain-busy = 아직 실행 중이에요. 빈 줄은 계속 기다리고, :stop은 멈추고, :new는 터미널을 하나 더 열어요.
plain-tabs = 터미널: { $tabs }
plain-edit = { $path } 내용을 새로 입력하세요. 점 하나만 있는 줄은 저장, :q는 그대로 두기예요.
plain-undone = 되돌렸거나 다시 했어요.

help-time-line = 돌아보기: 명령마다 그때의 클러스터와 터미널
time-line = 시간선
time-line-place = 명령 { $of }개 중 { $at }개 뒤
did-edit = 편집기를 닫음
did-answer = 질문에 답함
time-line-start = 맨 처음
time-line-now = 지금이에요
time-line-keys = ← → 명령  PgUp PgDn 단계  Enter나 입력: 여기서 이어 가기  Esc 지금으로
time-line-ask = 여기서 이어 갈까요? 나중에 친 명령 { $n }개를 되돌려요.
time-line-ask-keys = Enter: 네 (새 명령을 치기 전까지 Shift-F3으로 되살릴 수 있어요)   Esc: 아니요
went-back = 명령 { $n }개를 되돌렸어요. Shift-F3을 누르면 하나씩 되살려요.
resume-back = 다시 오셨네요. 모두 그대로예요 (명령 { $n }개).
resume-torn = KubeJam이나 컴퓨터가 멈출 때 마지막으로 하신 일이 디스크에 닿지 못했어요. 그래서 그 일은 없던 일이 되었고, 그 앞의 것은 모두 그대로 있어요.
resume-damaged = 기록의 { $line }번째 줄이 손상되었어요: { $why }. 그 앞의 것은 모두 그대로 있고 이어서 할 수 있어요. 손상된 기록도 지우지 않고 남겨 두었어요: { $path }
resume-version = 이 기록은 다른 버전의 KubeJam이나 다른 버전의 퀘스트에서 쓴 것이라 더는 재생할 수 없어요. 진행 상황은 그대로 인정돼요. 이 단계 앞은 프로그램이 대신 풀었고, 옛 기록은 남겨 두었어요: { $path }
resume-foreign = 기록이 있어야 할 자리에 기록이 아닌 파일이 있었어요. 옆으로 옮겨 두었어요: { $path }
resume-at = 지금 단계: { $step }
told-key = 아무 키나 누르면 이어져요
open-in-use = 다른 KubeJam이 지금 이 퀘스트를 열고 있어요 ({ $path }). 먼저 그쪽을 닫거나 여기서 다른 것을 고르세요. 둘이 한 기록에 쓸 수는 없어요.
open-no-file = { $path } 자리에 있는 것은 파일이 아니에요. 기록이 놓일 자리이니 먼저 옮겨 주세요.
open-failed = 기록을 열 수 없어요: { $path }: { $why }
not-kept = 디스크에 기록을 쓰지 못했어요: { $why }. 그래서 마지막으로 하신 일은 일어나지 않았고, 그 앞의 것은 모두 그대로예요. 자리를 만든 뒤 다시 해 주세요.

    { $path }
certificate-title = 수료증
certificate-has = 다음 퀘스트를 마쳤습니다
certificate-line = { $date } { $quest } 완료
certificate-steps = 단계
certificate-commands = 명령
certificate-hints = 힌트
certificate-undos = 되돌리기
certificate-time = 시간
certificate-given = { $n }단계는 프로그램이 대신 풀었습니다
certificate-digest = 기록 번호
certificate-check = kubejam check로 이 수료증의 기록을 확인하면 같은 번호가 나옵니다.
certificate-proves = 기록은 그 입력이 목표에 이른다는 것을 증명하며, 누가 입력했는지는 증명하지 않습니다.
certificate-your-name = 이름:
certificate-name = N: 이름 넣기
certificate-sign = Enter: 넣기    Esc: 그만두기

# 도움말의 그림 설명
help-picture = 그림 읽기
legend-ready = Ready: 실행 중이고 요청을 받아요
legend-half = 실행 중이지만 아직 Ready가 아니에요
legend-waiting = 기다려요: 노드, 이미지, 시작을
legend-failed = 실패했어요. 옆의 단어가 이유예요
legend-leaving = 사라지는 중이에요
legend-route = 실선: 요청이 가는 길
legend-own = 점선: 누가 누구를 만들었는지
legend-letter = 이 파드로 보내는 Service들. 이름 앞의 글자로 알아봐요
legend-shut = 아무것도 통과시키지 않는 방화벽
legend-door = 공개한 포트: 내 컴퓨터에서 컨테이너로 들어가는 길
legend-layer = 레이어. 여러 이미지 아래에 있으면 같은 하나예요

# kubejam serve
serve-ready =
    클러스터가 http://{ $address } 에서 대답해요. 다른 터미널에서 이렇게 해 보세요.

      {"export KUBECONFIG="}{ $path }
      kubectl get nodes

    Ctrl-C를 누르면 클러스터도 함께 끝나요. 거기서 일어나는 일은 여기에 나와요.
serve-card =
    내 kubectl로 http://{ $address } 에 들어올 수 있어요. 다른 터미널에서 이렇게 하세요.

    {"export KUBECONFIG="}{ $path }

    거기서 바꾼 것은 여기에 그려지고, F3으로 되돌릴 수 있어요.
