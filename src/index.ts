export const resolve = () => {}; export const plan = () => {}; export const poll = () => {};
