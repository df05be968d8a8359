import Button, { type ButtonProps } from '@atlaskit/button/new';
import { useState } from 'react';

/** A button that shows that it works until what it does is done, and can't be pressed again before. */
export function WorkButton({
  onClick,
  ...props
}: Omit<ButtonProps, 'onClick' | 'isLoading'> & { onClick: () => unknown }) {
  const [isWorking, setWorking] = useState(false);
  const work = async () => {
    setWorking(true);
    try {
      await onClick();
    } finally {
      setWorking(false);
    }
  };
  return <Button {...props} isLoading={isWorking} onClick={() => void work()} />;
}
