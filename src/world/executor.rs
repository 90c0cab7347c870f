//! A small single-threaded executor: tasks are polled in the order in which they were woken, so the same inputs
//! always run in the same order. Must never know what a task does, nor what time it is.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// A boxed future that stays on this thread.
pub type LocalFuture<T> = Pin<Box<dyn Future<Output = T>>>;

/// A task's number; tasks of processes use the process id.
pub type TaskId = u64;

/// The queue of tasks to poll. `Arc` and `Mutex` only because `Waker` demands them; there is one thread.
#[derive(Default)]
struct Ready(Mutex<VecDeque<TaskId>>);

impl Ready {
    fn push(&self, id: TaskId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(id);
    }
    fn pop(&self) -> Option<TaskId> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

struct TaskWaker {
    id: TaskId,
    queued: AtomicBool,
    ready: Arc<Ready>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }
    fn wake_by_ref(self: &Arc<Self>) {
        if !self.queued.swap(true, Ordering::Relaxed) {
            self.ready.push(self.id);
        }
    }
}

struct Task {
    /// `None` while the task is being polled.
    future: Option<LocalFuture<i32>>,
    waker: Arc<TaskWaker>,
    /// A stopped task keeps its wake-up for later.
    stopped: bool,
    woken_while_stopped: bool,
}

/// The tasks and the order in which they run next.
#[derive(Default)]
pub struct Executor {
    tasks: BTreeMap<TaskId, Task>,
    ready: Arc<Ready>,
}

/// A task taken out to be polled; hand it back with [`Executor::put_back`].
pub struct Taken {
    /// Which task it is.
    pub id: TaskId,
    future: LocalFuture<i32>,
    waker: Waker,
}

impl Taken {
    /// Polls once. No borrow of the executor may be held meanwhile: the task may spawn or wake others.
    pub fn poll(&mut self) -> Poll<i32> {
        self.future.as_mut().poll(&mut Context::from_waker(&self.waker))
    }
}

impl Executor {
    /// Adds a task and puts it in line.
    pub fn spawn(&mut self, id: TaskId, future: LocalFuture<i32>) {
        let waker = Arc::new(TaskWaker { id, queued: AtomicBool::new(true), ready: Arc::clone(&self.ready) });
        self.tasks
            .insert(id, Task { future: Some(future), waker, stopped: false, woken_while_stopped: false });
        self.ready.push(id);
    }

    /// The next task in line, taken out. `None` when every task waits.
    pub fn take_next(&mut self) -> Option<Taken> {
        while let Some(id) = self.ready.pop() {
            let Some(task) = self.tasks.get_mut(&id) else { continue };
            task.waker.queued.store(false, Ordering::Relaxed);
            if task.stopped {
                task.woken_while_stopped = true;
                continue;
            }
            if let Some(future) = task.future.take() {
                return Some(Taken { id, future, waker: Waker::from(Arc::clone(&task.waker)) });
            }
        }
        None
    }

    /// Returns a task that is still pending. If it was removed meanwhile it is given back to be dropped.
    pub fn put_back(&mut self, taken: Taken) -> Option<Taken> {
        match self.tasks.get_mut(&taken.id) {
            Some(task) => {
                task.future = Some(taken.future);
                None
            }
            None => Some(taken),
        }
    }

    /// Removes a task; its future is returned so that the caller drops it when no borrow is held.
    pub fn remove(&mut self, id: TaskId) -> Option<LocalFuture<i32>> {
        self.tasks.remove(&id).and_then(|task| task.future)
    }

    /// Holds a task back (Ctrl-Z) or lets it run on.
    pub fn set_stopped(&mut self, id: TaskId, stopped: bool) {
        if let Some(task) = self.tasks.get_mut(&id) {
            task.stopped = stopped;
            if !stopped && std::mem::take(&mut task.woken_while_stopped) {
                task.waker.wake_by_ref();
            }
        }
    }

    /// Whether any task is in line to be polled.
    pub fn has_ready(&self) -> bool {
        let ready = self.ready.0.lock().unwrap_or_else(PoisonError::into_inner);
        ready.iter().any(|id| self.tasks.get(id).is_some_and(|task| !task.stopped))
    }

    /// Takes all tasks away; the caller drops them when no borrow is held.
    pub fn drain(&mut self) -> BTreeMap<TaskId, LocalFuture<i32>> {
        let tasks = std::mem::take(&mut self.tasks);
        tasks.into_iter().filter_map(|(id, task)| Some((id, task.future?))).collect()
    }

    /// Whether the task exists (running, waiting or stopped).
    pub fn contains(&self, id: TaskId) -> bool {
        self.tasks.contains_key(&id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::rc::Rc;

    /// Runs tasks that each note their letter `turns` times, yielding in between.
    fn order_of(tasks: &[(char, usize)]) -> String {
        let noted = Rc::new(RefCell::new(String::new()));
        let mut executor = Executor::default();
        for (id, &(letter, turns)) in tasks.iter().enumerate() {
            let noted = Rc::clone(&noted);
            executor.spawn(
                id as TaskId,
                Box::pin(async move {
                    for _ in 0..turns {
                        noted.borrow_mut().push(letter);
                        yield_once().await;
                    }
                    0
                }),
            );
        }
        while let Some(mut taken) = executor.take_next() {
            match taken.poll() {
                Poll::Ready(_) => drop(executor.remove(taken.id)),
                Poll::Pending => drop(executor.put_back(taken)),
            }
        }
        noted.take()
    }

    async fn yield_once() {
        let mut yielded = false;
        std::future::poll_fn(|cx| {
            if std::mem::replace(&mut yielded, true) {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }

    #[test]
    fn tasks_take_turns_in_the_order_they_were_woken() {
        assert_eq!(order_of(&[('a', 3), ('b', 1), ('c', 2)]), "abcaca");
    }

    #[test]
    fn a_stopped_task_keeps_its_wake_up() {
        let mut executor = Executor::default();
        executor.spawn(7, Box::pin(async { 0 }));
        executor.set_stopped(7, true);
        assert!(executor.take_next().is_none());
        executor.set_stopped(7, false);
        assert_eq!(executor.take_next().map(|t| t.id), Some(7));
    }
}
